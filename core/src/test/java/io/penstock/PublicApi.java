package io.penstock;

import java.io.IOException;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what users can call: public types, and their public and protected members, one a line and sorted.
 * A '?' after a type says that it may be null.
 */
final class PublicApi {
    private PublicApi() {}

    static List<String> of(Path classes) {
        List<String> lines = new ArrayList<>();
        for (Class<?> type : publicTypes(classes)) {
            lines.addAll(describe(type));
        }
        return lines;
    }

    static List<String> describe(Class<?> type) {
        List<String> members = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (seen(field) && !field.isSynthetic()) {
                members.add(modifiers(field.getModifiers()) + name(field.getAnnotatedType()) + " " + field.getName());
            }
        }
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (seen(constructor) && !constructor.isSynthetic()) {
                members.add(modifiers(constructor.getModifiers()) + "new" + parameters(constructor));
            }
        }
        for (Method method : type.getDeclaredMethods()) {
            if (seen(method) && !method.isSynthetic() && !inherited(method)) {
                members.add(modifiers(method.getModifiers()) + variables(method.getTypeParameters())
                        + name(method.getAnnotatedReturnType()) + " " + method.getName() + parameters(method));
            }
        }
        List<String> lines = new ArrayList<>();
        lines.add(header(type));
        members.stream().sorted().forEach(member -> lines.add("    " + member));
        return lines;
    }

    private static List<Class<?>> publicTypes(Path classes) {
        try (Stream<Path> files = Files.walk(classes)) {
            return files.map(classes::relativize)
                    .map(Path::toString)
                    .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
                    .map(file -> load(file.substring(0, file.length() - ".class".length())
                            .replace('/', '.')
                            .replace('\\', '.')))
                    .filter(PublicApi::published)
                    .sorted(Comparator.comparing(Class::getName))
                    .collect(Collectors.toList());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, PublicApi.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean published(Class<?> type) {
        if (type.isAnonymousClass() || type.isLocalClass() || type.isSynthetic()) {
            return false;
        }
        int modifiers = type.getModifiers();
        boolean visible = Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
        return visible && (type.getEnclosingClass() == null || published(type.getEnclosingClass()));
    }

    private static boolean seen(Member member) {
        int modifiers = member.getModifiers();
        boolean open = !Modifier.isFinal(member.getDeclaringClass().getModifiers());
        return Modifier.isPublic(modifiers) || (Modifier.isProtected(modifiers) && open);
    }

    /** What every record and enum has: no news to a reader of the diff. */
    private static boolean inherited(Method method) {
        return switch (method.getName()) {
            case "toString", "hashCode" -> method.getParameterCount() == 0;
            case "equals" -> method.getParameterCount() == 1;
            case "values", "valueOf" -> method.getDeclaringClass().isEnum();
            default -> false;
        };
    }

    private static String header(Class<?> type) {
        String kind = type.isAnnotation()
                ? "@interface"
                : type.isInterface() ? "interface" : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
        StringBuilder line = new StringBuilder();
        int shown = type.isInterface() || type.isEnum() || type.isRecord()
                ? Modifier.PUBLIC
                : Modifier.PUBLIC | Modifier.PROTECTED | Modifier.ABSTRACT | Modifier.FINAL;
        line.append(modifiers(type.getModifiers() & shown))
                .append(type.isSealed() ? "sealed " : "")
                .append(kind)
                .append(' ')
                .append(type.getName());
        line.append(variables(type.getTypeParameters()).strip());
        AnnotatedType parent = type.getAnnotatedSuperclass();
        if (kind.equals("class") && parent != null && parent.getType() != Object.class) {
            line.append(" extends ").append(name(parent));
        }
        if (type.getInterfaces().length > 0 && !type.isAnnotation()) {
            line.append(type.isInterface() ? " extends " : " implements ")
                    .append(Stream.of(type.getAnnotatedInterfaces())
                            .map(PublicApi::name)
                            .collect(Collectors.joining(", ")));
        }
        return line.toString();
    }

    private static String modifiers(int modifiers) {
        int shown = modifiers
                & (Modifier.PUBLIC | Modifier.PROTECTED | Modifier.STATIC | Modifier.ABSTRACT | Modifier.FINAL);
        return shown == 0 ? "" : Modifier.toString(shown) + " ";
    }

    private static String variables(TypeVariable<?>[] variables) {
        if (variables.length == 0) {
            return "";
        }
        return Arrays.stream(variables).map(PublicApi::variable).collect(Collectors.joining(", ", "<", "> "));
    }

    private static String variable(TypeVariable<?> variable) {
        String bounds = Stream.of(variable.getAnnotatedBounds())
                .filter(bound -> bound.getType() != Object.class || nullable(bound))
                .map(PublicApi::name)
                .collect(Collectors.joining(" & "));
        return bounds.isEmpty() ? variable.getName() : variable.getName() + " extends " + bounds;
    }

    private static String parameters(Executable executable) {
        String faults = Stream.of(executable.getAnnotatedExceptionTypes())
                .map(PublicApi::name)
                .sorted()
                .collect(Collectors.joining(", "));
        return Stream.of(executable.getAnnotatedParameterTypes())
                        .map(PublicApi::name)
                        .collect(Collectors.joining(", ", "(", ")"))
                + (faults.isEmpty() ? "" : " throws " + faults);
    }

    /** Without the packages that a reader of the diff knows anyway. */
    private static String name(AnnotatedType type) {
        String name = type.getType()
                .getTypeName()
                .replaceAll("\\bjava\\.(lang|util|util\\.function|time)\\.(?=[A-Z])", "")
                .replaceAll("\\bio\\.penstock\\.([a-z]+\\.)?(?=[A-Z])", "")
                .replace('$', '.');
        return nullable(type) ? name + "?" : name;
    }

    private static boolean nullable(AnnotatedType type) {
        return type.isAnnotationPresent(Nullable.class);
    }
}
