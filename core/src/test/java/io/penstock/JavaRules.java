package io.penstock;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.Tree.Kind;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import io.penstock.HouseRules.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * Reads one Java file with the JDK's own parser (no attribution: 2 ms a file) and lists what breaks the house rules.
 * Names are matched as written; ArchitectureTest checks the same of core by byte code, where no import can hide it.
 */
final class JavaRules extends TreePathScanner<Void, Void> {
    private static final JavaCompiler JAVAC = ToolProvider.getSystemJavaCompiler();
    private static final Set<Kind> TYPES =
            EnumSet.of(Kind.CLASS, Kind.INTERFACE, Kind.ENUM, Kind.RECORD, Kind.ANNOTATION_TYPE);
    private static final Pattern TIME =
            Pattern.compile("System\\.(nanoTime|currentTimeMillis)|(Instant|(Local|Zoned|Offset)\\w+|Year)\\.now");
    private static final Pattern THREADS = Pattern.compile(
            "Executors\\.\\w+|Thread\\.(ofVirtual|ofPlatform|startVirtualThread)|ForkJoinPool\\.commonPool");
    private static final Set<String> THREAD_TYPES =
            Set.of("Thread", "Timer", "ThreadPoolExecutor", "ScheduledThreadPoolExecutor", "ForkJoinPool");

    private final Source source;
    private final CompilationUnitTree unit;
    private final Trees trees;
    private final List<String> faults = new ArrayList<>();

    private JavaRules(Source source, CompilationUnitTree unit, Trees trees) {
        this.source = source;
        this.unit = unit;
        this.trees = trees;
    }

    static List<String> check(Source source) {
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///" + source.name()), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source.text();
                    }
                };
        JavacTask task = (JavacTask) JAVAC.getTask(null, null, d -> {}, List.of("-proc:none"), null, List.of(file));
        try {
            CompilationUnitTree unit = task.parse().iterator().next();
            JavaRules rules = new JavaRules(source, unit, Trees.instance(task));
            rules.scan(unit, null);
            return rules.faults;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Void visitCompilationUnit(CompilationUnitTree tree, Void unused) {
        if (!source.isTest()
                && tree.getTypeDecls().stream()
                                .filter(t -> TYPES.contains(t.getKind()))
                                .count()
                        > 1) {
            fault(tree, "more than one top-level type; one noun a file");
        }
        return super.visitCompilationUnit(tree, null);
    }

    @Override
    public Void visitClass(ClassTree tree, Void unused) {
        boolean published = tree.getModifiers().getFlags().contains(Modifier.PUBLIC)
                && getCurrentPath().getParentPath().getLeaf() == unit;
        if (published && !source.isTest() && trees.getDocComment(getCurrentPath()) == null) {
            fault(tree, "public type " + tree.getSimpleName() + " without a sentence that says what it is");
        }
        return super.visitClass(tree, null);
    }

    @Override
    public Void visitMethod(MethodTree tree, Void unused) {
        long lines = line(trees.getSourcePositions().getEndPosition(unit, tree)) - line(start(tree)) + 1;
        if (!source.isTest() && lines > HouseRules.MAX_METHOD_LINES) {
            fault(
                    tree,
                    "%s has %d lines, at most %d; name its parts"
                            .formatted(tree.getName(), lines, HouseRules.MAX_METHOD_LINES));
        }
        boolean constructor = tree.getReturnType() == null;
        boolean inRecord = getCurrentPath().getParentPath().getLeaf().getKind() == Kind.RECORD;
        // A private one of many fields is how an immutable value copies itself.
        boolean open = !tree.getModifiers().getFlags().contains(Modifier.PRIVATE);
        if (constructor && open && !inRecord && tree.getParameters().size() > HouseRules.MAX_CONSTRUCTOR_PARAMETERS) {
            fault(
                    tree,
                    "a constructor of %d parameters, at most %d; some of them are one thing"
                            .formatted(tree.getParameters().size(), HouseRules.MAX_CONSTRUCTOR_PARAMETERS));
        }
        return super.visitMethod(tree, null);
    }

    @Override
    public Void visitVariable(VariableTree tree, Void unused) {
        Set<Modifier> flags = tree.getModifiers().getFlags();
        if (!source.isTest() && flags.contains(Modifier.STATIC) && !flags.contains(Modifier.FINAL)) {
            fault(tree, "static mutable state " + tree.getName() + "; give it an owner that closes it");
        }
        return super.visitVariable(tree, null);
    }

    @Override
    public Void visitMethodInvocation(MethodInvocationTree tree, Void unused) {
        if (source.isTest() && tree.getMethodSelect().toString().matches("(.*\\.)?sleep") && !ownMethod(tree)) {
            fault(tree, "a test sleeps; wait for the event, or turn the clock by hand");
        }
        return super.visitMethodInvocation(tree, null);
    }

    @Override
    public Void visitMemberSelect(MemberSelectTree tree, Void unused) {
        String text = tree.toString();
        if (usesRuntime() && TIME.matcher(text).matches()) {
            fault(tree, text + ": only runtime reads the time; take a Clock");
        }
        if (usesRuntime() && THREADS.matcher(text).matches()) {
            fault(tree, text + ": only runtime makes threads; take Threads");
        }
        if (!source.isTest() && text.equals("System.exit") && !source.name().equals("Main.java")) {
            fault(tree, "System.exit outside Main; return an exit code");
        }
        return super.visitMemberSelect(tree, null);
    }

    @Override
    public Void visitNewClass(NewClassTree tree, Void unused) {
        String type = tree.getIdentifier().toString();
        boolean ours = type.equals("Timer") && source.text().contains("import io.penstock.runtime.Timer;");
        if (usesRuntime() && THREAD_TYPES.contains(type) && !ours) {
            fault(tree, "new " + type + ": only runtime makes threads; take Threads");
        }
        return super.visitNewClass(tree, null);
    }

    @Override
    public Void visitAnnotation(AnnotationTree tree, Void unused) {
        if (tree.getAnnotationType().toString().matches("Disabled(On\\w+|If\\w*)?")) {
            fault(tree, "a disabled test; mend it or delete it");
        }
        return super.visitAnnotation(tree, null);
    }

    /** The modules that stand on core's runtime; embedded-redis and the benchmarks know nothing of it. */
    private boolean usesRuntime() {
        return !source.isTest()
                && (source.path().startsWith("server")
                        || (source.path().startsWith("core")
                                && !source.path().getParent().endsWith("runtime")));
    }

    private static boolean ownMethod(MethodInvocationTree tree) {
        return tree.getMethodSelect() instanceof MemberSelectTree select
                && !select.getExpression().toString().matches("(java\\..*\\.)?(Thread|TimeUnit(\\.[A-Z]+)?|[A-Z]+)");
    }

    private void fault(Tree tree, String what) {
        faults.add("%s:%d: %s".formatted(source.path(), line(start(tree)), what));
    }

    private long start(Tree tree) {
        SourcePositions positions = trees.getSourcePositions();
        return Math.max(0, positions.getStartPosition(unit, tree));
    }

    private long line(long position) {
        return unit.getLineMap().getLineNumber(Math.max(0, position));
    }
}
