// SPDX-License-Identifier: BSD-2-Clause
// The header's registers and those of the common capabilities (PCI Local Bus 3.0 chapter 6,
// Bridge Architecture 1.2, PCI Express Base chapter 7).
#include "host/register_text.h"
#include "pupci/pci_config.h"

namespace pupci {
namespace {

constexpr const char* devsel[] = {"fast", "medium", "slow", "reserved"};
constexpr Bits command_bits[] = {
    {0, 0, "I/O space accesses"},    {1, 1, "Memory space accesses"},
    {2, 2, "Bus mastering"},         {3, 3, "Special cycles"},
    {4, 4, "MWI transactions"},      {5, 5, "Palette snooping"},
    {6, 6, "Parity error checking"}, {7, 7, "Address/data stepping"},
    {8, 8, "System error (SERR)"},   {9, 9, "Fast back-to-back transactions"},
    {10, 10, "Interrupt disable"}};
constexpr Bits status_bits[] = {{3, 3, "Interrupt status"},
                                {4, 4, "Capability list"},
                                {5, 5, "66 MHz capable"},
                                {7, 7, "Fast back-to-back capable"},
                                {8, 8, "Data parity error detected"},
                                {10, 9, "DEVSEL timing", devsel},
                                {11, 11, "Signaled target abort"},
                                {12, 12, "Received target abort"},
                                {13, 13, "Received master abort"},
                                {14, 14, "Asserted system error (SERR)"},
                                {15, 15, "Parity error detected"}};
constexpr Bits secondary_status_bits[] = {{5, 5, "66 MHz capable"},
                                          {7, 7, "Fast back-to-back capable"},
                                          {8, 8, "Data parity error detected"},
                                          {10, 9, "DEVSEL timing", devsel},
                                          {11, 11, "Signaled target abort"},
                                          {12, 12, "Received target abort"},
                                          {13, 13, "Received master abort"},
                                          {14, 14, "Received system error"},
                                          {15, 15, "Parity error detected"}};
constexpr Bits bridge_control_bits[] = {{0, 0, "Parity error response"},
                                        {1, 1, "Secondary SERR forwarding"},
                                        {2, 2, "ISA enable"},
                                        {3, 3, "VGA enable"},
                                        {4, 4, "VGA 16-bit decode"},
                                        {5, 5, "Master abort reporting"},
                                        {6, 6, "Secondary bus reset"},
                                        {7, 7, "Fast back-to-back capable"}};

constexpr const char* power_states[] = {"D0", "D1", "D2", "D3"};
constexpr Bits pm_capabilities[] = {{2, 0, "Version"},
                                    {3, 3, "PME clock"},
                                    {5, 5, "Device specific initialization"},
                                    {8, 6, "Auxiliary current"},
                                    {9, 9, "D1 power management state support"},
                                    {10, 10, "D2 power management state support"},
                                    {15, 11, "PME support (D0 D1 D2 D3hot D3cold)"}};
constexpr Bits pm_control[] = {{1, 0, "Power state", power_states},
                               {3, 3, "No soft reset"},
                               {8, 8, "PME# assertion"},
                               {15, 15, "PME# status"}};
constexpr Register power_management[] = {{2, 2, "Capabilities register", pm_capabilities},
                                         {4, 2, "Control/status register", pm_control}};

constexpr Bits agp_bits[] = {{7, 4, "Major version"}, {3, 0, "Minor version"}};
constexpr Register agp[] = {
    {2, 1, "AGP revision", agp_bits}, {4, 4, "Status register"}, {8, 4, "Command register"}};
constexpr Bits vpd_address[] = {{14, 0, "VPD address"}, {15, 15, "Operation complete"}};
constexpr Register vpd[] = {{2, 2, "Address register", vpd_address}, {4, 4, "Data register"}};
constexpr const char* vector_counts[] = {"1", "2", "4", "8", "16", "32"};
constexpr Bits msi_control[] = {{0, 0, "MSI enabled"},
                                {3, 1, "Multiple message capable", vector_counts},
                                {6, 4, "Multiple message enabled", vector_counts},
                                {7, 7, "64-bit address capable"},
                                {8, 8, "Per-vector masking capable"}};
constexpr Register msi[] = {{2, 2, "Message control register", msi_control},
                            {4, 4, "Message address (lower) register"}};
constexpr Bits msix_control[] = {
    {10, 0, "Table size less one"}, {14, 14, "Function mask"}, {15, 15, "MSI-X enabled"}};
constexpr Bits msix_place[] = {{2, 0, "BAR indicator"}};
constexpr Register msix[] = {{2, 2, "Message control register", msix_control},
                             {4, 4, "Table offset register", msix_place},
                             {8, 4, "Pending bit array register", msix_place}};
constexpr Bits pcix_command[] = {{0, 0, "Data parity error recovery"},
                                 {1, 1, "Relaxed ordering"},
                                 {3, 2, "Maximum memory read byte count"},
                                 {6, 4, "Maximum outstanding split transactions"}};
constexpr Register pcix[] = {{2, 2, "Command register", pcix_command}, {4, 4, "Status register"}};
constexpr Bits ht_bits[] = {{15, 11, "Capability type"}};
constexpr Register hypertransport[] = {{2, 2, "Command register", ht_bits}};
constexpr Register vendor[] = {{2, 1, "Length in bytes"}};
constexpr Bits debug_bits[] = {{12, 0, "Port offset"}, {15, 13, "BAR number"}};
constexpr Register debug_port[] = {{2, 2, "Debug base register", debug_bits}};
constexpr Register subsystem[] = {{4, 2, "Subsystem vendor ID"}, {6, 2, "Subsystem ID"}};
constexpr Bits slot_bits[] = {{4, 0, "Expansion slots"}, {5, 5, "First in chassis"}};
constexpr Register slot[] = {{2, 1, "Slot register", slot_bits}, {3, 1, "Chassis number"}};
constexpr Register sata[] = {{2, 2, "Revision register"}, {4, 4, "BAR register"}};
constexpr Bits af_caps[] = {{0, 0, "Transaction pending"}, {1, 1, "Function level reset"}};
constexpr Bits af_status[] = {{0, 0, "Transaction pending"}};
constexpr Register advanced[] = {{3, 1, "Capabilities register", af_caps},
                                 {5, 1, "Status register", af_status}};

constexpr const char* port_types[] = {"PCI Express endpoint",
                                      "Legacy PCI Express endpoint",
                                      nullptr,
                                      nullptr,
                                      "Root port",
                                      "Switch upstream port",
                                      "Switch downstream port",
                                      "PCI Express to PCI bridge",
                                      "PCI to PCI Express bridge",
                                      "Root complex integrated endpoint",
                                      "Root complex event collector"};
constexpr const char* payloads[] = {"128 bytes",  "256 bytes",  "512 bytes",
                                    "1024 bytes", "2048 bytes", "4096 bytes"};
constexpr const char* speeds[] = {nullptr,   "2.5 GT/s", "5 GT/s", "8 GT/s",
                                  "16 GT/s", "32 GT/s",  "64 GT/s"};
constexpr const char* aspm[] = {"none", "L0s", "L1", "L0s and L1"};
constexpr Bits express_flags[] = {{3, 0, "Capability version"},
                                  {7, 4, "Device/port type", port_types},
                                  {8, 8, "Slot implemented"},
                                  {13, 9, "Interrupt message number"}};
constexpr Bits device_caps[] = {{2, 0, "Maximum payload size supported", payloads},
                                {4, 3, "Phantom functions supported"},
                                {5, 5, "Extended tag field supported"},
                                {8, 6, "Endpoint L0s acceptable latency"},
                                {11, 9, "Endpoint L1 acceptable latency"},
                                {15, 15, "Role-based error reporting"},
                                {25, 18, "Slot power limit value"},
                                {27, 26, "Slot power limit scale"},
                                {28, 28, "Function level reset"}};
constexpr Bits device_control[] = {{0, 0, "Correctable error reporting"},
                                   {1, 1, "Non-fatal error reporting"},
                                   {2, 2, "Fatal error reporting"},
                                   {3, 3, "Unsupported request reporting"},
                                   {4, 4, "Relaxed ordering"},
                                   {7, 5, "Maximum payload size", payloads},
                                   {8, 8, "Extended tag field"},
                                   {9, 9, "Phantom functions"},
                                   {10, 10, "Auxiliary power PM"},
                                   {11, 11, "No snoop"},
                                   {14, 12, "Maximum read request size", payloads}};
constexpr Bits device_status[] = {
    {0, 0, "Correctable error detected"}, {1, 1, "Non-fatal error detected"},
    {2, 2, "Fatal error detected"},       {3, 3, "Unsupported request detected"},
    {4, 4, "Auxiliary power detected"},   {5, 5, "Transactions pending"}};
constexpr Bits link_caps[] = {{3, 0, "Maximum link speed", speeds},
                              {9, 4, "Maximum link width"},
                              {11, 10, "Active state PM support", aspm},
                              {14, 12, "L0s exit latency"},
                              {17, 15, "L1 exit latency"},
                              {18, 18, "Clock power management"},
                              {20, 20, "Data link layer active reporting"},
                              {31, 24, "Port number"}};
constexpr Bits link_control[] = {{1, 0, "Active state PM control", aspm},
                                 {4, 4, "Link disable"},
                                 {5, 5, "Retrain link"},
                                 {6, 6, "Common clock configuration"},
                                 {7, 7, "Extended synch"},
                                 {8, 8, "Clock power management"}};
constexpr Bits link_status[] = {{3, 0, "Negotiated link speed", speeds},
                                {9, 4, "Negotiated link width"},
                                {11, 11, "Link training"},
                                {12, 12, "Slot clock configuration"},
                                {13, 13, "Data link layer active"}};
constexpr Register express[] = {{2, 2, "Capabilities register", express_flags},
                                {4, 4, "Device capabilities register", device_caps},
                                {8, 2, "Device control register", device_control},
                                {10, 2, "Device status register", device_status},
                                {12, 4, "Link capabilities register", link_caps},
                                {16, 2, "Link control register", link_control},
                                {18, 2, "Link status register", link_status}};

constexpr Bits uncorrectable[] = {{4, 4, "Data link protocol error"},
                                  {5, 5, "Surprise down error"},
                                  {12, 12, "Poisoned TLP"},
                                  {13, 13, "Flow control protocol error"},
                                  {14, 14, "Completion timeout"},
                                  {15, 15, "Completer abort"},
                                  {16, 16, "Unexpected completion"},
                                  {17, 17, "Receiver overflow"},
                                  {18, 18, "Malformed TLP"},
                                  {19, 19, "ECRC error"},
                                  {20, 20, "Unsupported request error"},
                                  {21, 21, "ACS violation"},
                                  {22, 22, "Internal error"}};
constexpr Bits correctable[] = {{0, 0, "Receiver error"},
                                {6, 6, "Bad TLP"},
                                {7, 7, "Bad DLLP"},
                                {8, 8, "Replay number rollover"},
                                {12, 12, "Replay timer timeout"},
                                {13, 13, "Advisory non-fatal"},
                                {14, 14, "Internal error"}};
constexpr Bits aer_control[] = {{4, 0, "First error pointer"},
                                {5, 5, "ECRC generation capable"},
                                {6, 6, "ECRC generation enable"},
                                {7, 7, "ECRC check capable"},
                                {8, 8, "ECRC check enable"}};
constexpr Register error_reporting[] = {
    {4, 4, "Uncorrectable error status register", uncorrectable},
    {8, 4, "Uncorrectable error mask register", uncorrectable},
    {12, 4, "Uncorrectable error severity register", uncorrectable},
    {16, 4, "Correctable error status register", correctable},
    {20, 4, "Correctable error mask register", correctable},
    {24, 4, "Capabilities and control register", aer_control}};
constexpr Bits vc_caps[] = {{2, 0, "Extended VC count"}, {6, 4, "Low priority VC count"}};
constexpr Register virtual_channel[] = {{4, 4, "Port VC capability register 1", vc_caps},
                                        {8, 4, "Port VC capability register 2"},
                                        {12, 2, "Port VC control register"},
                                        {14, 2, "Port VC status register"}};
constexpr Register serial_number[] = {{4, 4, "Serial number (low)"},
                                      {8, 4, "Serial number (high)"}};
constexpr Register power_budget[] = {{4, 1, "Data select"}, {8, 4, "Data register"}};
constexpr Bits acs_bits[] = {{0, 0, "Source validation"},    {1, 1, "Translation blocking"},
                             {2, 2, "P2P request redirect"}, {3, 3, "P2P completion redirect"},
                             {4, 4, "Upstream forwarding"},  {5, 5, "P2P egress control"},
                             {6, 6, "Direct translated P2P"}};
constexpr Register access_control[] = {{4, 2, "Capability register", acs_bits},
                                       {6, 2, "Control register", acs_bits}};
constexpr Bits ari_caps[] = {
    {0, 0, "MFVC function groups"}, {1, 1, "ACS function groups"}, {15, 8, "Next function"}};
constexpr Register routing_id[] = {{4, 2, "Capability register", ari_caps},
                                   {6, 2, "Control register"}};
constexpr Register translation[] = {{4, 2, "Capability register"}, {6, 2, "Control register"}};
constexpr Bits sriov_control[] = {{0, 0, "VF enable"}, {3, 3, "VF memory space"}};
constexpr Register sriov[] = {{4, 4, "Capabilities register"},
                              {8, 2, "Control register", sriov_control},
                              {10, 2, "Status register"},
                              {12, 2, "Initial VFs"},
                              {14, 2, "Total VFs"},
                              {16, 2, "Number of VFs"},
                              {20, 2, "First VF offset"},
                              {22, 2, "VF stride"},
                              {26, 2, "VF device ID"},
                              {28, 4, "Supported page sizes"},
                              {32, 4, "System page size"}};
constexpr Register resizable_bar[] = {{4, 4, "Capability register"}, {8, 4, "Control register"}};
constexpr Register latency_tolerance[] = {{4, 2, "Maximum snoop latency"},
                                          {6, 2, "Maximum no-snoop latency"}};

struct Known {
  unsigned id;
  std::span<const Register> registers;
};

constexpr Known known[] = {{pci::capability_id::power_management, power_management},
                           {pci::capability_id::agp, agp},
                           {pci::capability_id::vpd, vpd},
                           {pci::capability_id::slot, slot},
                           {pci::capability_id::msi, msi},
                           {pci::capability_id::pcix, pcix},
                           {pci::capability_id::hypertransport, hypertransport},
                           {pci::capability_id::vendor, vendor},
                           {pci::capability_id::debug_port, debug_port},
                           {pci::capability_id::subsystem, subsystem},
                           {pci::capability_id::express, express},
                           {pci::capability_id::msix, msix},
                           {pci::capability_id::sata, sata},
                           {pci::capability_id::advanced_features, advanced}};
constexpr Known extended[] = {{pci::extended_id::error_reporting, error_reporting},
                              {pci::extended_id::virtual_channel, virtual_channel},
                              {pci::extended_id::serial_number, serial_number},
                              {pci::extended_id::power_budget, power_budget},
                              {pci::extended_id::access_control, access_control},
                              {pci::extended_id::routing_id, routing_id},
                              {pci::extended_id::translation, translation},
                              {pci::extended_id::sriov, sriov},
                              {pci::extended_id::resizable_bar, resizable_bar},
                              {pci::extended_id::latency_tolerance, latency_tolerance}};

std::span<const Register> find(std::span<const Known> table, unsigned id) noexcept {
  for (const Known& entry : table) {
    if (entry.id == id) return entry.registers;
  }
  return {};
}

}  // namespace

const Register command_register{pci::command, 2, "Command register", command_bits};
const Register status_register{pci::status, 2, "Status register", status_bits};
const Register secondary_status_register{pci::secondary_status, 2, "Secondary status register",
                                         secondary_status_bits};
const Register bridge_control_register{pci::bridge_control, 2, "Bridge control register",
                                       bridge_control_bits};

std::span<const Register> capability_registers(unsigned id) noexcept {
  return find(known, id);
}

std::span<const Register> extended_capability_registers(unsigned id) noexcept {
  return find(extended, id);
}

}  // namespace pupci
