// SPDX-License-Identifier: BSD-2-Clause
// pupci build: what it makes, and what it says when it cannot.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command.h"

namespace pupci::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A driver that needs nothing but autoconf(9).
constexpr const char* minimal = R"(
#include <sys/param.h>
#include <sys/device.h>
static int foo_match(device_t p, cfdata_t c, void *a) { return 0; }
static void foo_attach(device_t p, device_t s, void *a) { }
CFATTACH_DECL_NEW(foo, 0, foo_match, foo_attach, NULL, NULL);
)";

class Build : public ::testing::Test {
 protected:
  Outcome build(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "build");
    arguments.insert(arguments.end(), {"-o", output(), "--keep", folder.file("generated")});
    return pupci(arguments);
  }
  [[nodiscard]] std::string output() const { return folder.file("out.so"); }
  [[nodiscard]] std::string generated(const std::string& name) const {
    return read_file(folder.file("generated/" + name));
  }

  Folder folder;
};

TEST_F(Build, MakesASharedObjectFromOneSource) {
  const Outcome outcome = build({folder.write("foo.c", minimal)});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_EQ(read_file(output()).substr(0, 4), "\177ELF");
  EXPECT_THAT(generated("ioconf.c"), HasSubstr("CFDRIVER_DECL(foo, DV_DULL, NULL);"));
  EXPECT_THAT(generated("ioconf.c"), HasSubstr("{ -1, -1 }"));
}

// clang up to 19 lacks the macros that gcc makes constants with.
TEST_F(Build, HasConstantsOfEachWidthWithEveryCompiler) {
  const std::string source = folder.write("foo.c", std::string(minimal) + R"(
#include <sys/stdint.h>
_Static_assert(UINT64_C(1) << 63 == UINT64_MAX - INT64_MAX, "UINT64_C");
_Static_assert(INT64_C(1) << 62 > 0, "INT64_C");
_Static_assert(UINTMAX_C(0xffffffffffffffff) == UINTMAX_MAX, "UINTMAX_C");
_Static_assert(INTMAX_C(-1) < 0 && sizeof(INTMAX_C(1)) == sizeof(intmax_t), "INTMAX_C");
)");
  for (const char* compiler : {"gcc", "clang-19"}) {
    const Outcome outcome = build({source, "--cc", compiler});
    EXPECT_EQ(outcome.status, 0) << compiler << ": " << outcome.errors;
  }
}

TEST_F(Build, NamesTheDriverAfterItsDevice) {
  const std::string source = folder.write("if_foo.c", minimal);
  const Outcome outcome = build({source});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(generated("ioconf.c"), HasSubstr(".name = \"foo\""));
}

TEST_F(Build, TakesFooForTheDeviceOfFooPci) {
  std::string text = minimal;
  text.replace(text.find("DECL_NEW(foo,"), 13, "DECL_NEW(foo_pci,");
  EXPECT_EQ(build({folder.write("foo.c", text)}).status, 0);
  EXPECT_THAT(generated("ioconf.c"), HasSubstr(".cf_name = \"foo\", .cf_atname = \"foo_pci\""));
}

TEST_F(Build, FollowsConfigDeclarations) {
  const std::string source = folder.write(
      "foo.c",
      std::string(minimal) + "CFATTACH_DECL_NEW(bar_foo, 0, foo_match, foo_attach, NULL, NULL);\n");
  const Outcome outcome =
      build({source, "--name", "pair", "--device", "foo { addr = -1, [size = 0] }: ifnet",
             "--attach", "foo at pci", "--attach", "attach bar at foo with bar_foo"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  const std::string ioconf = generated("ioconf.c");
  EXPECT_THAT(ioconf, HasSubstr("CFDRIVER_DECL(foo, DV_IFNET, foo_attrs);"));
  EXPECT_THAT(ioconf, HasSubstr("CFDRIVER_DECL(bar, DV_DULL, NULL);"));
  EXPECT_THAT(ioconf, HasSubstr("{ \"addr\", \"-1\", -1 }"));
  EXPECT_THAT(ioconf, HasSubstr("static int loc1[] = { -1, 0 };"));
}

TEST_F(Build, ShowsOnlyWhatTheLoaderNeeds) {
  const std::string source = folder.write(
      "foo.c", std::string(minimal) + "int helper(void); int helper(void) { return 1; }\n");
  ASSERT_EQ(build({source}).status, 0);
  void* object = dlopen(output().c_str(), RTLD_LAZY);
  if (object == nullptr) GTEST_SKIP() << dlerror();  // kernel names that are not in this process
  EXPECT_NE(dlsym(object, "pupci_ioconf"), nullptr);
  EXPECT_EQ(dlsym(object, "helper"), nullptr);
  dlclose(object);
}

TEST_F(Build, MakesTheHeadersThatConfigWouldMake) {
  const std::string source = folder.write("foo.c", std::string(R"(
#include "opt_foo.h"
#include "wsdisplay.h"
#include "locators.h"
#include "ioconf.h"
#if NWSDISPLAY > 0
#include "bpfilter.h"
#endif
int count = NWSDISPLAY + NBPFILTER + PCICF_FUNCTION + PCICF_DEV_DEFAULT;
)") + minimal);
  const Outcome outcome = build({source});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  EXPECT_THAT(generated("wsdisplay.h"), HasSubstr("#define NWSDISPLAY 1"));
  EXPECT_THAT(generated("bpfilter.h"), HasSubstr("#define NBPFILTER 1"));
  EXPECT_THAT(generated("ioconf.h"), HasSubstr("extern struct cfdriver foo_cd;"));
}

TEST_F(Build, ListsEveryMissingHeaderWithItsIncluder) {
  const std::string source = folder.write("foo.c", R"(#include <dev/ic/nosuchreg.h>
#include <dev/pci/another.h>
#include <machine/nosuch.h>
#include <stdio.h>
)" + std::string(minimal));
  const Outcome outcome = build({source});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("dev/ic/nosuchreg.h, included by " + source + ":1"));
  EXPECT_THAT(outcome.errors, HasSubstr("dev/pci/another.h, included by " + source + ":2"));
  EXPECT_THAT(outcome.errors, HasSubstr("a machine header"));
  EXPECT_THAT(outcome.errors, HasSubstr("a libc header"));
  EXPECT_THAT(outcome.errors, HasSubstr("--idirafter TREE/sys"));
}

TEST_F(Build, FindsATreesHeadersAfterItsOwn) {
  const std::string source = folder.write("foo.c", std::string(minimal) + R"(
#include <dev/ic/treereg.h>
#include <sys/errno.h>
int value = TREE_VALUE + ENXIO;
)");
  static_cast<void>(folder.write("tree/sys/dev/ic/treereg.h", "#define TREE_VALUE 5\n"));
  static_cast<void>(folder.write("tree/sys/sys/errno.h", "#error the tree's own\n"));
  const Outcome outcome = build({source, "--idirafter", folder.file("tree/sys")});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
}

TEST_F(Build, RefusesToMixATreesHeadersWithItsOwn) {
  const std::string source =
      folder.write("tree/sys/sys/foo.c", std::string("#include \"errno.h\"\n") + minimal);
  static_cast<void>(folder.write("tree/sys/sys/errno.h", "#define EODD 1\n"));
  const Outcome outcome = build({source, "--idirafter", folder.file("tree/sys")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("do not mix"));
  EXPECT_THAT(outcome.errors, HasSubstr("sys/errno.h, included by"));
}

TEST_F(Build, PassesTheCompilersMessagesOn) {
  const Outcome outcome = build({folder.write("foo.c", "int x = y;\n")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("error:"));
  EXPECT_THAT(outcome.errors, HasSubstr("does not compile"));
}

TEST_F(Build, SuspectsAHeaderThatItMadeUp) {
  const Outcome outcome =
      build({folder.write("foo.c", "#include \"foovar.h\"\nint x = FOO_VALUE;\n")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("foovar.h, included by"));
}

TEST_F(Build, ListsAllKernelNamesThatPupciLacks) {
  const std::string source =
      folder.write("foo.c", std::string(minimal) +
                                "int no_such_one(void), no_such_two(void);\n"
                                "int use(void); int use(void) { return no_such_one() + "
                                "no_such_two(); }\n");
  const Outcome outcome = build({source});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.errors, HasSubstr("no_such_one (in foo)"));
  EXPECT_THAT(outcome.errors, HasSubstr("no_such_two (in foo)"));
  EXPECT_THAT(outcome.errors, Not(HasSubstr("memcpy")));
}

TEST_F(Build, NamesTheAttachmentsThatThereAre) {
  const Outcome outcome = build({folder.write("foo.c", minimal), "--attach", "bar at pci"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("no source defines bar_ca"));
  EXPECT_THAT(outcome.errors, HasSubstr("they define: foo"));
}

TEST_F(Build, QuotesADeclarationThatItCannotRead) {
  const Outcome outcome = build({folder.write("foo.c", minimal), "--attach", "bar pci"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("\"bar pci\": \"at\" expected"));
}

TEST_F(Build, SaysThatSourcesAttachNothing) {
  const Outcome outcome = build({folder.write("foo.c", "int x;\n")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("the sources attach nothing"));
}

TEST_F(Build, SaysThatTheCompilerIsNotThere) {
  const Outcome outcome = build({folder.write("foo.c", minimal), "--cc", "no-such-compiler"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.errors, HasSubstr("no-such-compiler: cannot be run"));
  EXPECT_THAT(outcome.errors, HasSubstr("apt install gcc"));
}

TEST_F(Build, CompilesCxx) {
  std::string text = minimal;
  text +=
      "struct Thing { int value; Thing() : value(3) {} }; int get(); int get() { return "
      "Thing().value; }\n";
  const Outcome outcome = build({folder.write("foo.cc", text)});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
}

TEST_F(Build, TakesSeveralSourcesAndDefinitions) {
  const std::string one = folder.write("foo.c", std::string(minimal) + "int n = VALUE;\n");
  const std::string two = folder.write("bar.c", "#include <local.h>\nint m = LOCAL;\n");
  static_cast<void>(folder.write("inc/local.h", "#define LOCAL 1\n"));
  const Outcome outcome = build({one, two, "-DVALUE=7", "-I", folder.file("inc")});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
}

TEST(Usage, NamesAWrongCommand) {
  const Outcome outcome = pupci({"nonsense"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("nonsense: no such command"));
}

TEST(Usage, ShowsTheCommandsWithoutOne) {
  const Outcome outcome = pupci({});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("build"));
}

TEST(Usage, NamesAMissingArgument) {
  const Outcome outcome = pupci({"build"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("FILE is required"));
}

}  // namespace
}  // namespace pupci::test
