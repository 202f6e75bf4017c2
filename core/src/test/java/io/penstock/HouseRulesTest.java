package io.penstock;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.HouseRules.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds every module's sources to the house rules, and shows of each rule that it can fail. */
final class HouseRulesTest {
    private static final Path ROOT =
            Path.of(System.getProperty("basedir", ".")).toAbsolutePath().getParent();

    private static List<Source> java = List.of();
    private static List<Source> lua = List.of();

    @BeforeAll
    static void readTheHouse() {
        java = sources(".java");
        lua = sources(".lua");
        assertThat(java).as("Java files below %s", ROOT).hasSizeGreaterThan(10);
    }

    @Test
    void everyJavaFileKeepsTheRules() {
        assertThat(java.stream().flatMap(source -> HouseRules.java(source).stream()))
                .isEmpty();
    }

    @Test
    void everyPackageIsANounOfModestSize() {
        assertThat(HouseRules.packages(java)).isEmpty();
        assertThat(HouseRules.packageInfos(java)).isEmpty();
    }

    @Test
    void everyScriptKeepsTheRules() {
        assertThat(lua.stream()
                        .flatMap(source ->
                                Stream.concat(LuaRules.check(source).stream(), HouseRules.unfinished(source).stream())))
                .isEmpty();
    }

    @Test
    void catchesALongFile() {
        assertThat(main("class A {}\n" + "\n".repeat(HouseRules.MAX_FILE_LINES)))
                .singleElement()
                .asString()
                .contains("451 lines");
    }

    @Test
    void catchesALongMethod() {
        String body = "    int x;\n".repeat(HouseRules.MAX_METHOD_LINES - 1);
        assertThat(main("class A {\n  void f() {\n" + body + "  }\n}\n"))
                .singleElement()
                .asString()
                .contains("f has 61 lines");
        assertThat(main("class A {\n  void f() {\n" + body.substring(body.indexOf('\n') + 1) + "  }\n}\n"))
                .isEmpty();
    }

    @Test
    void catchesAConstructorThatTakesTooMuch() {
        String seven = "int a, int b, int c, int d, int e, int f, int g";
        assertThat(main("class A { A(" + seven + ") {} }"))
                .singleElement()
                .asString()
                .contains("7 parameters");
        assertThat(main("record A(" + seven + ") {}")).isEmpty();
        assertThat(main("class A { private A(" + seven + ") {} }")).isEmpty();
    }

    @Test
    void catchesWhatMainCodeMayNotDo() {
        assertThat(main("class A {} class B {}")).singleElement().asString().contains("one noun a file");
        assertThat(main("public class A {}")).singleElement().asString().contains("without a sentence");
        assertThat(main("/** A letter. */ public class A {}")).isEmpty();
        assertThat(main("class A { static int count; }"))
                .singleElement()
                .asString()
                .contains("static mutable");
        assertThat(main("class A { long t = System.nanoTime(); }"))
                .singleElement()
                .asString()
                .contains("reads the time");
        assertThat(main("class A { Object t = Instant.now(); }"))
                .singleElement()
                .asString()
                .contains("reads the time");
        assertThat(main("class A { Object t = new Thread(); }"))
                .singleElement()
                .asString()
                .contains("makes threads");
        assertThat(main("class A { Object t = Executors.newCachedThreadPool(); }"))
                .singleElement()
                .asString()
                .contains("makes threads");
        assertThat(main("class A { void f() { System.exit(1); } }"))
                .singleElement()
                .asString()
                .contains("System.exit");
        assertThat(main("class A {} // TO" + "DO later"))
                .singleElement()
                .asString()
                .contains("finish it");
    }

    @Test
    void leavesConstantsAlone() {
        assertThat(main("enum A { B, C }")).isEmpty();
        assertThat(main("interface A { int B = 1; }")).isEmpty();
        assertThat(main("record A(int b) { static final int C = 1; }")).isEmpty();
    }

    @Test
    void catchesWhatATestMayNotDo() {
        assertThat(test("class A { void f() { Thread.sleep(1); } }"))
                .singleElement()
                .asString()
                .contains("a test sleeps");
        assertThat(test("class A { void f() { TimeUnit.SECONDS.sleep(1); } }"))
                .singleElement()
                .asString()
                .contains("a test sleeps");
        assertThat(test("class A { void f() { sleep(1); } }"))
                .singleElement()
                .asString()
                .contains("a test sleeps");
        assertThat(test("class A { void f() { demo.sleep(1); } }")).isEmpty();
        assertThat(test("class A { @Disabled void f() {} }"))
                .singleElement()
                .asString()
                .contains("disabled");
    }

    @Test
    void catchesPackagesThatAreNotNouns() {
        List<Source> many = IntStream.rangeClosed(0, HouseRules.MAX_PACKAGE_FILES)
                .mapToObj(i -> new Source(Path.of("core/src/main/java/io/penstock/plugin/A" + i + ".java"), ""))
                .toList();
        assertThat(HouseRules.packages(many)).singleElement().asString().contains("25 files");
        assertThat(HouseRules.packageInfos(many)).singleElement().asString().contains("needs a package-info.java");
        Source utility = new Source(Path.of("core/src/main/java/io/penstock/util/A.java"), "");
        assertThat(HouseRules.packages(List.of(utility)))
                .singleElement()
                .asString()
                .contains("'util' says nothing");
    }

    @Test
    void catchesAScriptWithoutAHeader() {
        assertThat(LuaRules.check(new Source(Path.of("add.lua"), "return 1"))).hasSize(5);
        assertThat(script("add", "return 1")).isEmpty();
    }

    @Test
    void catchesAScriptThatWalksTheKeySpaceOrHidesFaults() {
        assertThat(script("add", "redis.call('KEYS', '*')"))
                .singleElement()
                .asString()
                .contains("KEYS");
        assertThat(script("add", "redis.call(\"flushall\")"))
                .singleElement()
                .asString()
                .contains("FLUSHALL");
        assertThat(script("add", "redis.pcall('GET', KEYS[1])"))
                .singleElement()
                .asString()
                .contains("pcall");
        assertThat(script("add", "\n".repeat(LuaRules.MAX_LINES)))
                .singleElement()
                .asString()
                .contains("lines");
    }

    @Test
    void catchesADrainThatAFullRedisWouldRefuse() {
        String refused =
                "redis.call('HGET', KEYS[1], 'a')\nredis.call('HSET', KEYS[1], 'a', 1)\nredis.call('ZREM', KEYS[2], 'b')";
        assertThat(script("take", refused)).singleElement().asString().contains("first write is HSET");
        assertThat(script("take_batch", refused)).isNotEmpty();
        assertThat(script("add", refused)).isEmpty();
        assertThat(script("take", "-- first write: ZREM\n" + refused)).isNotEmpty();
        String drains = "redis.call('ZREM', KEYS[2], 'b')\n" + refused;
        assertThat(script("take", drains)).singleElement().asString().contains("no line '-- first write: ZREM'");
        assertThat(script("take", "-- first write: HDEL\n" + drains)).isNotEmpty();
        assertThat(script("take", "-- first write: LTRIM or ZREM, allowed\n" + drains))
                .isEmpty();
    }

    private static List<String> main(String text) {
        return HouseRules.java(new Source(Path.of("core/src/main/java/io/penstock/queue/A.java"), text));
    }

    private static List<String> test(String text) {
        return HouseRules.java(new Source(Path.of("core/src/test/java/io/penstock/queue/A.java"), text));
    }

    private static List<String> script(String name, String code) {
        String header = "-- Does: x\n-- KEYS: x\n-- ARGV: x\n-- Returns: x\n-- Cost: O(1)\n";
        return LuaRules.check(new Source(Path.of(name + ".lua"), header + code));
    }

    private static List<Source> sources(String ending) {
        try (Stream<Path> modules = Files.list(ROOT);
                Stream<Path> examples = Files.list(ROOT.resolve("examples"))) {
            return Stream.concat(modules, examples)
                    .map(module -> module.resolve("src"))
                    .filter(Files::isDirectory)
                    .flatMap(HouseRulesTest::walk)
                    .filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .map(HouseRulesTest::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> walk(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Source read(Path file) {
        try {
            return new Source(ROOT.relativize(file), Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
