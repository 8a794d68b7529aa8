// SPDX-License-Identifier: BSD-2-Clause
// The generator of ioconf.c, ioconf.h and locators.h; see config(1) and config(5).
#include "build/ioconf.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <fstream>
#include <set>
#include <sstream>

#include "pupci/error.h"

namespace pupci::build {
namespace {

// Interface attributes that drivers attach at or carry, with their locators as the files.* of
// NetBSD's tree declare them. An attribute that is not here has no locators unless declared.
const std::vector<Attribute>& known_attributes() {
  static const std::vector<Attribute> known = {
      {"pci", {{"dev", "-1"}, {"function", "-1"}}},
      {"pcibus", {{"bus", "-1"}}},
      {"mii", {{"phy", "-1"}}},
      {"i2cbus", {}},
      {"iic", {{"addr", "-1"}, {"size", "-1"}}},
      {"ata_hl", {{"channel", "-1"}}},
      {"scsi", {{"channel", "-1"}}},
      {"atapi", {{"channel", "-1"}}},
      {"scsibus", {{"target", "-1"}, {"lun", "-1"}}},
      {"wsemuldisplaydev", {{"console", "-1"}, {"kbdmux", "1"}}},
      {"wsdisplaydev", {{"kbdmux", "1"}}},
      {"wskbddev", {{"console", "-1"}, {"mux", "1"}}},
      {"wsmousedev", {{"mux", "0"}}},
      {"gpiobus", {}},
      {"gpio", {{"offset", "-1"}, {"mask", "0"}, {"flag", "0"}}},
      {"hdaudiobus", {{"nid", "-1"}}},
      {"usbus", {}},
      {"audiobus", {}},
      {"nvme", {{"nsid", "-1"}}},
  };
  return known;
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return result;
}

bool is_identifier(std::string_view word) {
  return !word.empty() && std::isdigit(static_cast<unsigned char>(word[0])) == 0 &&
         std::all_of(word.begin(), word.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

// A declaration as words and the marks { } [ ] = , : each a token of its own.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {
    for (std::size_t i = 0; i < text.size();) {
      if (std::isspace(static_cast<unsigned char>(text[i])) != 0) {
        ++i;
      } else if (std::string_view("{}[]=,:").find(text[i]) != std::string_view::npos) {
        words_.emplace_back(text.substr(i++, 1));
      } else {
        const std::size_t end = std::min(text.find_first_of("{}[]=,: \t\n", i), text.size());
        words_.emplace_back(text.substr(i, end - i));
        i = end;
      }
    }
  }

  [[nodiscard]] bool done() const { return next_ == words_.size(); }
  [[nodiscard]] std::string peek() const { return done() ? "" : words_[next_]; }
  std::string take() { return done() ? "" : words_[next_++]; }
  bool accept(std::string_view word) {
    if (peek() != word) return false;
    ++next_;
    return true;
  }
  void expect(std::string_view word) {
    if (!accept(word)) fail(fmt::format("\"{}\" expected", word));
  }
  std::string identifier(std::string_view what) {
    std::string word = take();
    if (!is_identifier(word)) fail(fmt::format("{} expected", what));
    return word;
  }
  [[noreturn]] void fail(std::string_view reason) const {
    throw Error(EINVAL, fmt::format("\"{}\": {}{}; write it as in config(5): "
                                    "\"edu at pci\", \"edu at pci with edu_pci\", "
                                    "\"foo {{ addr = -1 }}: ifnet\"",
                                    text_, reason,
                                    next_ > 0 && next_ <= words_.size()
                                        ? fmt::format(" at \"{}\"", words_[next_ - 1])
                                        : ""));
  }

 private:
  std::string_view text_;
  std::vector<std::string> words_;
  std::size_t next_ = 0;
};

// After "{": "addr = -1, [size = 0] }".
std::vector<Locator> parse_locators(Tokens& tokens) {
  std::vector<Locator> locators;
  while (!tokens.accept("}")) {
    const bool optional = tokens.accept("[");
    Locator locator{tokens.identifier("the name of a locator"), ""};
    if (tokens.accept("=")) locator.fallback = tokens.take();
    if (optional) tokens.expect("]");
    locators.push_back(std::move(locator));
    if (tokens.peek() != "}") tokens.expect(",");
  }
  return locators;
}

// Attributes that say what a device is, and at which nothing attaches.
std::string_view class_of(std::string_view attribute) {
  if (attribute == "ifnet" || attribute == "ether" || attribute == "arp") return "DV_IFNET";
  if (attribute == "disk") return "DV_DISK";
  if (attribute == "tape") return "DV_TAPE";
  if (attribute == "tty") return "DV_TTY";
  return {};
}

bool declares(const Config& config, std::string_view attribute) {
  return std::any_of(config.attributes.begin(), config.attributes.end(),
                     [&](const Attribute& a) { return a.name == attribute; });
}

// The locators' initializers, in C.
std::string defaults(const Attribute& attribute) {
  std::string list;
  for (const Locator& locator : attribute.locators) {
    list += fmt::format("{}{}", list.empty() ? "" : ", ",
                        locator.fallback.empty() ? "0" : locator.fallback);
  }
  return list;
}

void emit_attributes(std::ostream& out, const Config& config) {
  std::set<std::string> done;
  for (const Device& device : config.devices) {
    for (const std::string& name : device.carries) {
      if (!done.insert(name).second) continue;
      const Attribute attribute = config.attribute(name);
      out << "static const struct cfiattrdata " << name << "cf_iattrdata = {\n\t\"" << name
          << "\", " << attribute.locators.size() << ", {\n";
      for (const Locator& locator : attribute.locators) {
        if (locator.fallback.empty()) {
          out << "\t\t{ \"" << locator.name << "\", NULL, 0 },\n";
        } else {
          out << "\t\t{ \"" << locator.name << "\", \"" << locator.fallback << "\", "
              << locator.fallback << " },\n";
        }
      }
      if (attribute.locators.empty()) out << "\t\t{ NULL, NULL, 0 },\n";
      out << "\t}\n};\n";
    }
  }
}

void emit_drivers(std::ostream& out, const Config& config) {
  for (const Device& device : config.devices) {
    if (!device.carries.empty()) {
      out << "static const struct cfiattrdata * const " << device.name << "_attrs[] = {\n";
      for (const std::string& name : device.carries) out << "\t&" << name << "cf_iattrdata,\n";
      out << "\tNULL\n};\n";
    }
    out << "CFDRIVER_DECL(" << device.name << ", " << device.device_class << ", "
        << (device.carries.empty() ? "NULL" : device.name + "_attrs") << ");\n\n";
  }
  out << "static struct cfdriver * const cfdrivers[] = {\n";
  for (const Device& device : config.devices) out << "\t&" << device.name << "_cd,\n";
  out << "\tNULL\n};\n\n";
}

void emit_attachments(std::ostream& out, const Config& config) {
  std::set<std::string> done;
  for (const Attachment& attachment : config.attachments) {
    if (done.insert(attachment.ca).second)
      out << "extern struct cfattach " << attachment.ca << "_ca;\n";
  }
  out << "\n";
  for (const Device& device : config.devices) {
    std::set<std::string> listed;
    out << "static struct cfattach * const " << device.name << "_cfattachinit[] = {\n";
    for (const Attachment& attachment : config.attachments) {
      if (attachment.device == device.name && listed.insert(attachment.ca).second)
        out << "\t&" << attachment.ca << "_ca,\n";
    }
    out << "\tNULL\n};\n";
  }
  out << "static const struct cfattachinit cfattachinit[] = {\n";
  for (const Device& device : config.devices)
    out << "\t{ \"" << device.name << "\", " << device.name << "_cfattachinit },\n";
  out << "\t{ NULL, NULL }\n};\n\n";
}

// A parent that is a device of the same name is named, as config(1) does; else any device that
// carries the attribute will do.
void emit_cfdata(std::ostream& out, const Config& config) {
  for (std::size_t i = 0; i < config.attachments.size(); ++i) {
    const Attribute attribute = config.attribute(config.attachments[i].attribute);
    if (!attribute.locators.empty())
      out << "static int loc" << i << "[] = { " << defaults(attribute) << " };\n";
    out << "static const struct cfparent pspec" << i << " = {\n\t\"" << attribute.name
        << "\", NULL, 0\n};\n";
  }
  out << "static struct cfdata cfdata[] = {\n";
  for (std::size_t i = 0; i < config.attachments.size(); ++i) {
    const Attachment& attachment = config.attachments[i];
    const bool located = !config.attribute(attachment.attribute).locators.empty();
    out << "\t{\n\t\t.cf_name = \"" << attachment.device << "\", .cf_atname = \"" << attachment.ca
        << "\",\n\t\t.cf_unit = 0, .cf_fstate = FSTATE_STAR,\n\t\t.cf_loc = "
        << (located ? fmt::format("loc{}", i) : "NULL") << ", .cf_pspec = &pspec" << i
        << "\n\t},\n";
  }
  out << "\t{ .cf_name = NULL }\n};\n\n";
}

}  // namespace

Attribute Config::attribute(std::string_view wanted) const {
  for (const auto* list : {&attributes, &known_attributes()}) {
    for (const Attribute& attribute : *list) {
      if (attribute.name == wanted) return attribute;
    }
  }
  return {std::string(wanted), {}};
}

Device& Config::device(std::string_view wanted) {
  for (Device& device : devices) {
    if (device.name == wanted) return device;
  }
  Device added;
  added.name = wanted;
  return devices.emplace_back(std::move(added));
}

void parse_attachment(Config& config, std::string_view text) {
  Tokens tokens(text);
  tokens.accept("attach");
  Attachment attachment;
  attachment.device = tokens.identifier("the name of a device");
  tokens.expect("at");
  attachment.attribute = tokens.identifier("the name of an interface attribute");
  attachment.ca = attachment.device;
  if (tokens.accept("with")) attachment.ca = tokens.identifier("the name of an attachment");
  if (!tokens.done()) tokens.fail("nothing more expected");
  config.device(attachment.device);
  config.attachments.push_back(std::move(attachment));
}

void parse_device(Config& config, std::string_view text) {
  Tokens tokens(text);
  tokens.accept("device");
  Device& device = config.device(tokens.identifier("the name of a device"));
  if (tokens.accept("{")) {
    config.attributes.push_back({device.name, parse_locators(tokens)});
    device.carries.push_back(device.name);
  }
  if (tokens.accept(":")) {
    do {
      const std::string attribute = tokens.identifier("the name of an attribute");
      const std::string_view marked = class_of(attribute);
      if (marked.empty()) {
        device.carries.push_back(attribute);
      } else {
        device.device_class = marked;
      }
    } while (tokens.accept(","));
  }
  if (!tokens.done()) tokens.fail("nothing more expected");
}

void add_attachment_for(Config& config, std::string_view ca) {
  static constexpr std::string_view suffix = "_pci";
  std::string_view device = ca;
  if (ca.size() > suffix.size() && ca.substr(ca.size() - suffix.size()) == suffix)
    device.remove_suffix(suffix.size());
  config.device(device);
  config.attachments.push_back({std::string(device), "pci", std::string(ca)});
}

void complete(Config& config) {
  // A device at which another one of this driver attaches carries an attribute of its own name.
  for (const Attachment& attachment : config.attachments) {
    for (Device& device : config.devices) {
      if (device.name == attachment.attribute && !declares(config, device.name)) {
        config.attributes.push_back({device.name, {}});
        device.carries.push_back(device.name);
      }
    }
  }
  for (Device& device : config.devices) {
    std::vector<std::string> once;
    for (std::string& name : device.carries) {
      if (std::find(once.begin(), once.end(), name) == once.end()) once.push_back(std::move(name));
    }
    device.carries = std::move(once);
  }
}

std::string ioconf_c(const Config& config) {
  std::ostringstream out;
  out << "/* Generated for " << config.name << ": what config(1) would write. */\n"
      << "#include <sys/param.h>\n#include <sys/device.h>\n#include <kern/ioconf.h>\n\n";
  emit_attributes(out, config);
  emit_drivers(out, config);
  emit_attachments(out, config);
  emit_cfdata(out, config);
  out << "__link_set_decl(modules, const struct modinfo);\n"
      << "__link_set_decl(cfattach, struct cfattach);\n"
      << "__link_set_decl(evcnts, struct evcnt);\n"
      << "typedef void sysctl_setup_t(struct sysctllog **);\n"
      << "__link_set_decl(sysctl_funcs, sysctl_setup_t);\n\n"
      << "extern const struct pupci_ioconf pupci_ioconf;\n"
      << "const struct pupci_ioconf pupci_ioconf = {\n"
      << "\t.abi = PUPCI_IOCONF_ABI,\n\t.size = sizeof(struct pupci_ioconf),\n"
      << "\t.name = \"" << config.name << "\",\n\t.cfdrivers = cfdrivers,\n"
      << "\t.cfattachinit = cfattachinit,\n\t.cfdata = cfdata,\n"
      << "\t.modules_start = __link_set_start(modules),\n"
      << "\t.modules_end = __link_set_end(modules),\n"
      << "\t.attachments_start = __link_set_start(cfattach),\n"
      << "\t.attachments_end = __link_set_end(cfattach),\n"
      << "\t.evcnts_start = __link_set_start(evcnts),\n"
      << "\t.evcnts_end = __link_set_end(evcnts),\n"
      << "\t.sysctl_start = __link_set_start(sysctl_funcs),\n"
      << "\t.sysctl_end = __link_set_end(sysctl_funcs),\n};\n";
  return out.str();
}

std::string ioconf_h(const Config& config) {
  std::string text = "/* Generated: what config(1) would write. */\n#include <sys/device.h>\n\n";
  for (const Device& device : config.devices)
    text += fmt::format("extern struct cfdriver {}_cd;\n", device.name);
  return text;
}

std::string locators_h(const Config& config) {
  std::string text = "/* Generated: what config(1) would write. */\n";
  std::set<std::string> done;
  for (const auto* list : {&config.attributes, &known_attributes()}) {
    for (const Attribute& attribute : *list) {
      if (!done.insert(attribute.name).second) continue;
      const std::string prefix = upper(attribute.name) + "CF_";
      for (std::size_t i = 0; i < attribute.locators.size(); ++i) {
        const Locator& locator = attribute.locators[i];
        text += fmt::format("#define {}{} {}\n", prefix, upper(locator.name), i);
        if (!locator.fallback.empty())
          text += fmt::format("#define {}{}_DEFAULT {}\n", prefix, upper(locator.name),
                              locator.fallback);
      }
      if (!attribute.locators.empty())
        text += fmt::format("#define {}NLOCS {}\n", prefix, attribute.locators.size());
    }
  }
  return text;
}

void write_if_changed(const std::string& path, std::string_view text) {
  {
    std::ifstream old(path, std::ios::binary);
    std::ostringstream content;
    if (old && (content << old.rdbuf()) && content.str() == text) return;
  }
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out)
    throw Error(errno, fmt::format("{}: cannot be written: {}", path,
                                   std::generic_category().message(errno)));
}

}  // namespace pupci::build
