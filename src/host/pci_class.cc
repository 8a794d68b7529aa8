// SPDX-License-Identifier: BSD-2-Clause
// Class codes in the words of NetBSD's messages (PCI Code and ID Assignment Specification).
#include <fmt/core.h>

#include <span>

#include "pupci/pci_ids.h"

namespace pupci {
namespace {

struct Interface {
  std::uint8_t code;
  const char* name;
};

struct Subclass {
  std::uint8_t code;
  const char* name;
  std::span<const Interface> interfaces = {};
};

struct Class {
  std::uint8_t code;
  const char* name;
  std::span<const Subclass> subclasses = {};
};

constexpr Interface ata_interfaces[] = {{0x20, "single DMA"}, {0x30, "chained DMA"}};
constexpr Interface sata_interfaces[] = {{0x01, "AHCI 1.0"}, {0x02, "Serial Storage Bus"}};
constexpr Interface nvm_interfaces[] = {
    {0x01, "NVMHCI 1.0"}, {0x02, "NVMe"}, {0x03, "NVMe administrative"}};
constexpr Interface vga_interfaces[] = {{0x01, "8514-compat"}};
constexpr Interface ppb_interfaces[] = {{0x01, "subtractive decode"}};
constexpr Interface serial_interfaces[] = {
    {0x00, "XT-compat"},    {0x01, "16450-compat"}, {0x02, "16550-compat"}, {0x03, "16650-compat"},
    {0x04, "16750-compat"}, {0x05, "16850-compat"}, {0x06, "16950-compat"}};
constexpr Interface pic_interfaces[] = {
    {0x00, "8259"}, {0x01, "ISA PIC"}, {0x02, "EISA PIC"}, {0x10, "IO APIC"}, {0x20, "IO(x) APIC"}};
constexpr Interface firewire_interfaces[] = {{0x10, "OpenHCI"}};
constexpr Interface usb_interfaces[] = {{0x00, "UHCI"},  {0x10, "OHCI"},     {0x20, "EHCI"},
                                        {0x30, "xHCI"},  {0x40, "USB4 HCI"}, {0x80, "other HC"},
                                        {0xfe, "device"}};
constexpr Interface ipmi_interfaces[] = {
    {0x00, "SMIC"}, {0x01, "keyboard"}, {0x02, "block transfer"}};

constexpr Subclass prehistoric[] = {{0x00, "miscellaneous"}, {0x01, "VGA"}};
constexpr Subclass storage[] = {{0x00, "SCSI"},
                                {0x01, "IDE"},
                                {0x02, "floppy"},
                                {0x03, "IPI"},
                                {0x04, "RAID"},
                                {0x05, "ATA", ata_interfaces},
                                {0x06, "SATA", sata_interfaces},
                                {0x07, "SAS"},
                                {0x08, "Flash", nvm_interfaces},
                                {0x09, "UFS"},
                                {0x80, "miscellaneous"}};
constexpr Subclass network[] = {{0x00, "ethernet"},
                                {0x01, "token ring"},
                                {0x02, "FDDI"},
                                {0x03, "ATM"},
                                {0x04, "ISDN"},
                                {0x05, "WorldFip"},
                                {0x06, "PCMIG multi computing"},
                                {0x07, "InfiniBand"},
                                {0x80, "miscellaneous"}};
constexpr Subclass display[] = {
    {0x00, "VGA", vga_interfaces}, {0x01, "XGA"}, {0x02, "3D"}, {0x80, "miscellaneous"}};
constexpr Subclass multimedia[] = {{0x00, "video"},
                                   {0x01, "audio"},
                                   {0x02, "telephony"},
                                   {0x03, "mixed mode"},
                                   {0x80, "miscellaneous"}};
constexpr Subclass memory[] = {{0x00, "RAM"}, {0x01, "flash"}, {0x80, "miscellaneous"}};
constexpr Subclass bridge[] = {{0x00, "host"},
                               {0x01, "ISA"},
                               {0x02, "EISA"},
                               {0x03, "MicroChannel"},
                               {0x04, "PCI", ppb_interfaces},
                               {0x05, "PCMCIA"},
                               {0x06, "NuBus"},
                               {0x07, "CardBus"},
                               {0x08, "RACEway"},
                               {0x09, "Semi-transparent PCI"},
                               {0x0a, "InfiniBand"},
                               {0x0b, "advanced switching"},
                               {0x80, "miscellaneous"}};
constexpr Subclass communications[] = {{0x00, "serial", serial_interfaces},
                                       {0x01, "parallel"},
                                       {0x02, "multi-port serial"},
                                       {0x03, "modem"},
                                       {0x04, "GPIB"},
                                       {0x05, "smartcard"},
                                       {0x80, "miscellaneous"}};
constexpr Subclass base_system[] = {{0x00, "interrupt", pic_interfaces},
                                    {0x01, "DMA"},
                                    {0x02, "timer"},
                                    {0x03, "RTC"},
                                    {0x04, "PCI Hot-Plug"},
                                    {0x05, "SD Host Controller"},
                                    {0x06, "IO Memory Management Unit"},
                                    {0x07, "Root Complex Event Collector"},
                                    {0x80, "miscellaneous"}};
constexpr Subclass input[] = {{0x00, "keyboard"}, {0x01, "digitizer"}, {0x02, "mouse"},
                              {0x03, "scanner"},  {0x04, "game port"}, {0x80, "miscellaneous"}};
constexpr Subclass dock[] = {{0x00, "generic"}, {0x80, "miscellaneous"}};
constexpr Subclass processor[] = {{0x00, "386"},          {0x01, "486"},          {0x02, "Pentium"},
                                  {0x10, "Alpha"},        {0x20, "PowerPC"},      {0x30, "MIPS"},
                                  {0x40, "Co-processor"}, {0x80, "miscellaneous"}};
constexpr Subclass serial_bus[] = {{0x00, "IEEE1394", firewire_interfaces},
                                   {0x01, "ACCESS.bus"},
                                   {0x02, "SSA"},
                                   {0x03, "USB", usb_interfaces},
                                   {0x04, "Fiber Channel"},
                                   {0x05, "SMBus"},
                                   {0x06, "InfiniBand"},
                                   {0x07, "IPMI", ipmi_interfaces},
                                   {0x08, "SERCOS"},
                                   {0x09, "CANbus"},
                                   {0x0a, "MIPI I3C"},
                                   {0x80, "miscellaneous"}};
constexpr Subclass wireless[] = {{0x00, "IrDA"},
                                 {0x01, "Consumer IR"},
                                 {0x10, "RF"},
                                 {0x11, "bluetooth"},
                                 {0x12, "broadband"},
                                 {0x20, "802.11a (5 GHz)"},
                                 {0x21, "802.11b (2.4 GHz)"},
                                 {0x80, "miscellaneous"}};
constexpr Subclass i2o[] = {{0x00, "standard"}, {0x80, "miscellaneous"}};
constexpr Subclass satellite[] = {
    {0x01, "TV"}, {0x02, "audio"}, {0x03, "voice"}, {0x04, "data"}, {0x80, "miscellaneous"}};
constexpr Subclass crypto[] = {
    {0x00, "network/computing"}, {0x10, "entertainment"}, {0x80, "miscellaneous"}};
constexpr Subclass acquisition[] = {{0x00, "DPIO"},
                                    {0x01, "performance counters"},
                                    {0x10, "synchronization"},
                                    {0x20, "management"},
                                    {0x80, "miscellaneous"}};

constexpr Class classes[] = {{0x00, "prehistoric", prehistoric},
                             {0x01, "mass storage", storage},
                             {0x02, "network", network},
                             {0x03, "display", display},
                             {0x04, "multimedia", multimedia},
                             {0x05, "memory", memory},
                             {0x06, "bridge", bridge},
                             {0x07, "communications", communications},
                             {0x08, "system", base_system},
                             {0x09, "input", input},
                             {0x0a, "dock", dock},
                             {0x0b, "processor", processor},
                             {0x0c, "serial bus", serial_bus},
                             {0x0d, "wireless", wireless},
                             {0x0e, "I2O", i2o},
                             {0x0f, "satellite comm", satellite},
                             {0x10, "crypto", crypto},
                             {0x11, "DASP", acquisition},
                             {0x12, "processing accelerators"},
                             {0x13, "instrumentation"},
                             {0xff, "undefined"}};

template <typename Entry>
const Entry* find(std::span<const Entry> entries, unsigned code) {
  for (const Entry& entry : entries) {
    if (entry.code == code) return &entry;
  }
  return nullptr;
}

}  // namespace

std::string class_name(std::uint32_t class_and_revision) {
  const unsigned code = class_and_revision >> 24;
  const unsigned sub = (class_and_revision >> 16) & 0xff;
  const unsigned interface = (class_and_revision >> 8) & 0xff;
  const unsigned revision = class_and_revision & 0xff;
  const Class* base = find<Class>(classes, code);
  const Subclass* subclass = base == nullptr ? nullptr : find<Subclass>(base->subclasses, sub);
  std::string text;
  if (base == nullptr) {
    text = fmt::format("class 0x{:02x}, subclass 0x{:02x}", code, sub);
  } else if (subclass == nullptr) {
    text = fmt::format("{}, subclass 0x{:02x}", base->name, sub);
  } else {
    text = fmt::format("{} {}", subclass->name, base->name);
  }
  const Interface* known =
      subclass == nullptr ? nullptr : find<Interface>(subclass->interfaces, interface);
  if (known != nullptr) {
    text += fmt::format(", {}", known->name);
  } else if (interface != 0) {
    text += fmt::format(", interface 0x{:02x}", interface);
  }
  if (revision != 0) text += fmt::format(", revision 0x{:02x}", revision);
  return text;
}

}  // namespace pupci
