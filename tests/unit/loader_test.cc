// SPDX-License-Identifier: BSD-2-Clause
// Loading drivers: everything that can be wrong with a file, and what a good one brings along.
#include "kern/loader.h"

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>

#include "autoconf_support.h"
#include "kern/devsw.h"
#include "kern/evcnt.h"
#include "kern/kernel_names.h"
#include "kern/sysctl.h"
#include "netbsd/sys/conf.h"
#include "netbsd/sys/module.h"
#include "pupci/error.h"

using namespace pupci::kern;
using namespace pupci::kern::test;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;

namespace {

#if defined(PUPCI_UNDER_ASAN)
constexpr const char* sanitizer_flags = "-fsanitize=address,undefined -fno-sanitize-recover ";
#elif defined(PUPCI_UNDER_TSAN)
constexpr const char* sanitizer_flags = "-fsanitize=thread ";
#else
constexpr const char* sanitizer_flags = "";
#endif

// A folder of its own for each test.
class LoaderTest : public testing::Test {
 protected:
  LoaderTest() : folder_(testing::TempDir() + "/pupci_loader_XXXXXX") {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
  }
  ~LoaderTest() override { run("rm -rf " + folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

  static void run(const std::string& command) {
    const int status = std::system(command.c_str());
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << command;
  }

  std::string write(const std::string& name, const std::string& content) {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }

  // Compiles C as a driver's; the shared object.
  std::string build(const std::string& name, const std::string& source,
                    const std::string& flags = "-shared") {
    const std::string c = write(name + ".c", source);
    const std::string so = path(name + ".so");
    run(std::string("cc -nostdinc -ffreestanding -fno-builtin -fPIC -nostdlib -g -D_KERNEL "
                    "-D__PUPCI_HOST_LINUX__ -isystem $(cc -print-file-name=include) "
                    "-I" PUPCI_SOURCE_DIR "/include/netbsd -I" PUPCI_SOURCE_DIR "/src ") +
        sanitizer_flags + flags + " " + c + " -o " + so);
    return so;
  }

  static std::string error_of(const std::string& file, int errnum) {
    try {
      Driver::load(file);
    } catch (const pupci::Error& error) {
      EXPECT_EQ(error.errnum(), errnum);
      return error.what();
    }
    return "(no error)";
  }

  std::string folder_;
};

const std::string includes =
    "#include <sys/param.h>\n#include <sys/device.h>\n#include <sys/conf.h>\n"
    "#include <sys/module.h>\n#include <sys/evcnt.h>\n#include <sys/sysctl.h>\n"
    "#include <kern/ioconf.h>\n";

// A whole driver NAME that attaches at "slot".
std::string driver_source(const std::string& name, const std::string& more = "") {
  std::string text =
      includes +
      "static int NAME_match(device_t p, cfdata_t c, void *a) { return 1; }\n"
      "static void NAME_attach(device_t p, device_t s, void *a) { }\n"
      "static int NAME_detach(device_t s, int f) { return 0; }\n"
      "CFATTACH_DECL_NEW(NAME, 8, NAME_match, NAME_attach, NAME_detach, NULL);\n"
      "CFDRIVER_DECL(NAME, DV_DULL, NULL);\n" +
      more +
      "static struct cfdriver *const drivers[] = { &NAME_cd, NULL };\n"
      "static struct cfattach *const list[] = { &NAME_ca, NULL };\n"
      "static const struct cfattachinit init[] = {{ \"NAME\", list }, { NULL, NULL }};\n"
      "static int loc[] = { -1, 0 };\n"
      "static const struct cfparent spec = { \"slot\", NULL, DVUNIT_ANY };\n"
      "static struct cfdata data[] = {\n"
      "  { \"NAME\", \"NAME\", 0, FSTATE_STAR, loc, 0, &spec }, { NULL } };\n"
      "__link_set_decl(modules, const struct modinfo);\n"
      "__link_set_decl(evcnts, struct evcnt);\n"
      "typedef void setup_t(struct sysctllog **);\n"
      "__link_set_decl(sysctl_funcs, setup_t);\n"
      "const struct pupci_ioconf pupci_ioconf = {\n"
      "  .abi = PUPCI_IOCONF_ABI, .size = sizeof(struct pupci_ioconf),\n"
      "  .name = \"NAME\", .cfdrivers = drivers, .cfattachinit = init, .cfdata = data,\n"
      "  .modules_start = __link_set_start(modules),\n"
      "  .modules_end = __link_set_end(modules),\n"
      "  .evcnts_start = __link_set_start(evcnts),\n"
      "  .evcnts_end = __link_set_end(evcnts),\n"
      "  .sysctl_start = __link_set_start(sysctl_funcs),\n"
      "  .sysctl_end = __link_set_end(sysctl_funcs) };\n";
  for (std::size_t at = 0; (at = text.find("NAME", at)) != std::string::npos;) {
    text.replace(at, 4, name);
  }
  return text;
}

TEST_F(LoaderTest, MissingFile) {
  EXPECT_EQ(error_of(path("none.so"), ENOENT), path("none.so") + ": No such file or directory");
  EXPECT_THAT(error_of(folder_, ENOEXEC), HasSubstr("not a file"));
}

TEST_F(LoaderTest, NotElf) {
  EXPECT_THAT(error_of(write("text.so", "#!/bin/sh\n"), ENOEXEC),
              HasSubstr("text.so: not an ELF file; a driver is a shared object as `pupci build`"));
  EXPECT_THAT(error_of(write("empty.so", ""), ENOEXEC), HasSubstr("not an ELF file"));
  EXPECT_THAT(error_of(write("short.so",
                             "\x7f"
                             "ELF"),
                       ENOEXEC),
              HasSubstr("truncated ELF file"));
}

TEST_F(LoaderTest, ForAnotherMachine) {
  std::ifstream in(build("good", driver_source("good")), std::ios::binary);
  std::string bytes(std::istreambuf_iterator<char>(in), {});
  std::string other = bytes;
  other[18] = '\xf3';  // e_machine: RISC-V
  other[19] = 0;
  EXPECT_THAT(error_of(write("riscv.so", other), ENOEXEC),
              HasSubstr("built for RISC-V; this pupci needs a driver for"));
  other = bytes;
  other[4] = 1;  // 32 bits
  EXPECT_THAT(error_of(write("small.so", other), ENOEXEC), HasSubstr("a 32-bit little-endian ELF"));
  other = bytes;
  other[16] = 1;  // e_type: relocatable
  EXPECT_THAT(error_of(write("object.so", other), ENOEXEC),
              HasSubstr("an object file, not a shared object; link it with -shared"));
}

TEST_F(LoaderTest, DamagedFilesAreRefusedNotCrashed) {
  std::ifstream in(build("good", driver_source("good")), std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(in), {});
  for (std::size_t size = 64; size < bytes.size(); size += bytes.size() / 40) {
    EXPECT_NE(error_of(write("cut.so", bytes.substr(0, size)), ENOEXEC), "(no error)") << size;
  }
  std::string headers = bytes;
  headers.replace(32, 8, std::string(8, '\xff'));  // e_phoff
  EXPECT_THAT(error_of(write("ph.so", headers), ENOEXEC),
              HasSubstr("program headers lie outside the file"));
  headers = bytes;
  headers.replace(40, 8, std::string(8, '\xff'));  // e_shoff
  EXPECT_THAT(error_of(write("sh.so", headers), ENOEXEC),
              HasSubstr("section headers lie outside the file"));
  headers = bytes;
  headers.replace(60, 2, std::string(2, '\0'));  // e_shnum
  EXPECT_THAT(error_of(write("none.so", headers), ENOEXEC), HasSubstr("no symbol table"));
}

TEST_F(LoaderTest, NotADriver) {
  EXPECT_THAT(error_of(build("plain", "int f(void); int f(void) { return 1; }\n"), ENOEXEC),
              HasSubstr("a shared object, but not a pupci driver (it has no pupci_ioconf)"));
}

TEST_F(LoaderTest, WrongVersionOfTheInterface) {
  std::string source = driver_source("old");
  source.replace(source.find("PUPCI_IOCONF_ABI"), 16, "12345");
  EXPECT_THAT(error_of(build("old", source), ENOEXEC),
              HasSubstr("built for version 12345 of pupci's driver interface, this is version 1; "
                        "build it again with `pupci build`"));
}

TEST_F(LoaderTest, AllMissingNamesAreListedInOrder) {
  const std::string so =
      build("lacking", driver_source("lacking",
                                     "int zz_missing(void); int aa_missing(int);\n"
                                     "extern int weak_one(void) __attribute__((weak));\n"
                                     "int puts(const char *); void *memcpy(void *, const "
                                     "void *, unsigned long);\n"
                                     "int use(char *p); int use(char *p) {\n"
                                     "  memcpy(p, p, 1); config_detach(NULL, 0);\n"
                                     "  return zz_missing() + aa_missing(1) + puts(\"\") +\n"
                                     "      (weak_one ? 1 : 0); }\n"));
  const std::string message = error_of(so, ENOSYS);
  EXPECT_THAT(message, HasSubstr("3 names that pupci's kernel does not have:\n"
                                 "  aa_missing\n  puts\n  zz_missing"));
  EXPECT_THAT(missing_names(so), ElementsAre("aa_missing", "puts", "zz_missing"));
}

TEST_F(LoaderTest, LibcIsNotThereByAccident) {
  EXPECT_FALSE(is_kernel_name("malloc"));
  EXPECT_FALSE(is_kernel_name("open"));
  EXPECT_FALSE(is_kernel_name("printf"));
  EXPECT_FALSE(is_kernel_name("_ZNSt6vectorIiE"));
  EXPECT_TRUE(is_kernel_name("kern_printf"));
  EXPECT_TRUE(is_kernel_name("config_found_args"));
  EXPECT_TRUE(is_kernel_name("memmove"));
  EXPECT_FALSE(is_kernel_name("__asan_no_such_function"));
}

TEST_F(LoaderTest, GoodDriverAttaches) {
  const std::string so = build("good", driver_source("good"));
  Drivers drivers;
  drivers.driver("bus").at("bus", "", {}, 0, FSTATE_NOTFOUND);
  drivers.load();
  auto driver = Driver::load(so);
  EXPECT_EQ(driver->name(), "good");
  EXPECT_EQ(driver->path(), so);
  EXPECT_THAT(driver->offers(), ElementsAre("good at slot"));
  const device_t child = find_child(drivers.root("bus"), 1);
  ASSERT_NE(child, nullptr);
  EXPECT_STREQ(device_xname(child), "good0");
  const void* attach = reinterpret_cast<const void*>(device_cfattach(child)->ca_attach);
  EXPECT_EQ(driver_at(attach), driver.get());
  EXPECT_EQ(driver_at(reinterpret_cast<const void*>(&find_child)), nullptr);
  autoconf_detach_all();
  driver.reset();
  EXPECT_EQ(driver_at(attach), nullptr);
  EXPECT_EQ(config_cfdriver_lookup("good"), nullptr);
}

TEST_F(LoaderTest, TheSameNameTwiceIsRefused) {
  const auto driver = Driver::load(build("good", driver_source("good")));
  EXPECT_THAT(error_of(build("copy", driver_source("good")), EEXIST),
              HasSubstr("a driver good is loaded already"));
  EXPECT_NE(config_cfdriver_lookup("good"), nullptr);
}

TEST_F(LoaderTest, NamesOfTwoDriversDoNotClash) {
  const std::string shared_name = "int common; int get(void); int get(void) { return common; }\n";
  const auto a =
      Driver::load(build("a", driver_source("a", shared_name), "-shared -Wl,-Bsymbolic"));
  const auto b =
      Driver::load(build("b", driver_source("b", shared_name), "-shared -Wl,-Bsymbolic"));
  EXPECT_NE(a->text_start(), b->text_start());
  EXPECT_NE(config_cfattach_lookup("a", "a")->ca_attach,
            config_cfattach_lookup("b", "b")->ca_attach);
}

TEST_F(LoaderTest, ModulesCountersNodesAndSwitchesComeAndGoWithIt) {
  const std::string more =
      "static struct evcnt events = EVCNT_INITIALIZER(EVCNT_TYPE_MISC, NULL, \"NAME\", "
      "\"events\");\n"
      "EVCNT_ATTACH_STATIC(events);\n"
      "SYSCTL_SETUP(NAME_sysctl, \"NAME\") {\n"
      "  sysctl_createv(clog, 0, NULL, NULL, CTLFLAG_IMMEDIATE, CTLTYPE_INT, \"NAMEvalue\", NULL, "
      "NULL, 4711,\n"
      "      NULL, 0, CTL_HW, CTL_CREATE, CTL_EOL); }\n"
      "static int NAME_open(dev_t d, int f, int m, struct lwp *l) { return 0; }\n"
      "extern const struct cdevsw NAME_cdevsw;\n"
      "const struct cdevsw NAME_cdevsw = { .d_open = NAME_open, .d_close = nullclose };\n"
      "MODULE(MODULE_CLASS_DRIVER, NAME, NULL);\n"
      "static int NAME_modcmd(modcmd_t cmd, void *a) {\n"
      "  return cmd == MODULE_CMD_INIT || cmd == MODULE_CMD_FINI ? 0 : ENOTTY; }\n";
  auto driver = Driver::load(build("full", driver_source("full", more)));
  const dev_t dev = device_by_name("full0");
  EXPECT_NE(dev, NODEV);
  EXPECT_EQ(cdev_open(dev, 1, 0, nullptr), 0);
  EXPECT_EQ(module_autoload("full", MODULE_CLASS_DRIVER), 0);
  EXPECT_EQ(module_autoload("full", MODULE_CLASS_VFS), ENOENT);
  EXPECT_EQ(module_load("other", 0, nullptr, MODULE_CLASS_ANY), ENOENT);
  EXPECT_EQ(module_hold("full"), 0);
  module_rele("full");
  const auto counts = [] {
    int count = 0;
    for (const EventCounter& counter : event_counters()) count += counter.group == "full" ? 1 : 0;
    return count;
  };
  EXPECT_EQ(counts(), 1);
  SysctlEntry entry;
  EXPECT_EQ(sysctl_get("hw.fullvalue", entry), 0);
  EXPECT_EQ(entry.value, "4711");
  driver.reset();
  EXPECT_EQ(device_by_name("full0"), NODEV);
  EXPECT_EQ(module_autoload("full", MODULE_CLASS_ANY), ENOENT);
  EXPECT_EQ(counts(), 0);
  EXPECT_EQ(sysctl_get("hw.fullvalue", entry), ENOENT);
}

TEST_F(LoaderTest, WhatItsModuleLeaksIsNamedWhenItGoes) {
  const std::string more =
      "#include <sys/kmem.h>\n"
      "MODULE(MODULE_CLASS_DRIVER, NAME, NULL);\n"
      "static void *kept;\n"
      "static int NAME_modcmd(modcmd_t cmd, void *a) {\n"
      "  if (cmd == MODULE_CMD_INIT) kept = kmem_alloc(48, KM_SLEEP);\n"
      "  return 0; }\n";
  auto driver = Driver::load(build("leaky", driver_source("leaky", more)));
  const Console console;
  driver.reset();
  EXPECT_THAT(console.text(), HasSubstr("leaky: leaked 48 bytes of memory"));
  EXPECT_THAT(console.text(), HasSubstr("leaky_modcmd"));
}

TEST_F(LoaderTest, ModuleThatDoesNotInitialiseIsAnErrorAndLeavesNothing) {
  const std::string more =
      "MODULE(MODULE_CLASS_DRIVER, NAME, \"pci\");\n"
      "static int NAME_modcmd(modcmd_t cmd, void *a) { return ENXIO; }\n";
  const std::string so = build("bad", driver_source("bad", more));
  EXPECT_EQ(error_of(so, ENXIO),
            "driver bad: its module bad does not initialise: No such device or address");
  EXPECT_EQ(config_cfdriver_lookup("bad"), nullptr);
}

}  // namespace
