#include "telemetry/metric_names.h"

#include <algorithm>
#include <array>
#include <span>

namespace fabrix::telemetry {
namespace {

struct NumberName {
  std::uint64_t number = 0;
  std::string_view name;
};

// Those that switches and hosts have, in the order of their numbers.
constexpr std::array<NumberName, 15> kIfTypes{{{1, "other"},
                                               {6, "ethernetCsmacd"},
                                               {7, "iso88023Csmacd"},
                                               {9, "iso88025TokenRing"},
                                               {23, "ppp"},
                                               {24, "softwareLoopback"},
                                               {37, "atm"},
                                               {53, "propVirtual"},
                                               {62, "fastEther"},
                                               {71, "ieee80211"},
                                               {117, "gigabitEthernet"},
                                               {131, "tunnel"},
                                               {135, "l2vlan"},
                                               {136, "l3ipvlan"},
                                               {161, "ieee8023adLag"}}};

constexpr std::array<std::string_view, 5> kDirections{"unknown", "full-duplex", "half-duplex", "in",
                                                      "out"};
constexpr std::array<std::string_view, 13> kMachines{
    "unknown", "other", "x86",  "x86_64", "ia64", "sparc", "alpha",
    "powerpc", "m68k",  "mips", "arm",    "hppa", "s390"};
constexpr std::array<std::string_view, 14> kSystems{
    "unknown",   "other",   "linux",  "windows", "darwin", "hpux",    "aix",
    "dragonfly", "freebsd", "netbsd", "openbsd", "osf",    "solaris", "java"};

std::string_view at(std::span<const std::string_view> names, std::uint64_t number) {
  return number < names.size() ? names[number] : std::string_view();
}

}  // namespace

std::string_view if_type_name(std::uint64_t type) {
  const auto* const found = std::ranges::lower_bound(kIfTypes, type, {}, &NumberName::number);
  return found != kIfTypes.end() && found->number == type ? found->name : std::string_view();
}

std::string_view if_direction_name(std::uint64_t direction) {
  return at(kDirections, direction);
}

std::string_view machine_name(std::uint64_t machine) {
  return at(kMachines, machine);
}

std::string_view os_name(std::uint64_t os) {
  return at(kSystems, os);
}

}  // namespace fabrix::telemetry
