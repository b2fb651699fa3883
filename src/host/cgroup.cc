#include "host/cgroup.h"

#include <algorithm>
#include <array>
#include <span>

#include "host/host_records.h"
#include "host/proc_text.h"
#include "sflow/record.h"

namespace fabrix::host {
namespace {

using sflow::FieldValue;
using Values = std::vector<FieldValue>;

constexpr std::uint64_t kRunning = 1;  // virDomainState: VIR_DOMAIN_RUNNING
constexpr std::size_t kShortId = 12;   // digits of a container's id that people see
constexpr std::size_t kId = 64;        // digits

bool is_hexadecimal(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// "docker-0123...cdef.scope", "cri-containerd-0123...cdef.scope"; not "libpod-conmon-...", which is
// what looks after one.
std::optional<std::string> scope_of_container(std::string_view part) {
  if (!part.ends_with(".scope")) return std::nullopt;
  part.remove_suffix(std::string_view(".scope").size());
  const std::size_t dash = part.rfind('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  const std::string_view id = part.substr(dash + 1);
  const bool is_monitor = part.substr(0, dash).ends_with("conmon");
  if (id.size() != kId || !is_hexadecimal(id) || is_monitor) return std::nullopt;
  return std::string(part.substr(0, dash + 1)) + std::string(id.substr(0, kShortId));
}

// Container managers that make cgroups without systemd: "docker/0123...cdef"; and LXC.
std::optional<std::string> plain_container(std::string_view parent, std::string_view part) {
  constexpr std::string_view kLxc = "lxc.payload.";
  if (part.starts_with(kLxc) && part.size() > kLxc.size()) {
    return "lxc-" + std::string(part.substr(kLxc.size()));
  }
  if (part.size() != kId || !is_hexadecimal(part)) return std::nullopt;
  const std::string_view manager = parent.starts_with("pod") ? "k8s" : parent;
  return std::string(manager.empty() ? "container" : manager) + "-" +
         std::string(part.substr(0, kShortId));
}

// Of the host and the name: the same as long as both are.
Uuid uuid_of_node(const Uuid& host, const VirtualNode& node) {
  // FNV-1a, 64 bits, twice with different beginnings.
  Uuid uuid{};
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t hash = 0xcbf29ce484222325U + half;
    const auto add = [&hash](std::uint8_t octet) { hash = (hash ^ octet) * 0x100000001b3U; };
    for (const std::byte octet : host) add(std::to_integer<std::uint8_t>(octet));
    for (const char letter : node.name) add(static_cast<std::uint8_t>(letter));
    for (std::size_t i = 0; i < 8; ++i) {
      uuid.at(half * 8 + i) = static_cast<std::byte>(hash >> (8 * i) & 0xffU);
    }
  }
  // RFC 9562: version 8 (custom), variant 10.
  uuid[6] = (uuid[6] & std::byte{0x0f}) | std::byte{0x80};
  uuid[8] = (uuid[8] & std::byte{0x3f}) | std::byte{0x80};
  return uuid;
}

// "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0": of all devices.
std::uint64_t io_sum(std::string_view io_stat, std::string_view key) {
  std::uint64_t sum = 0;
  while (!io_stat.empty()) {
    std::string_view line = take_line(io_stat);
    for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
      const std::size_t equals = word.find('=');
      if (equals == std::string_view::npos || word.substr(0, equals) != key) continue;
      sum += number_of(word.substr(equals + 1));
    }
  }
  return sum;
}

// "eth0: OCTETS PACKETS ERRORS DROPS 4 others, and the same of what went out": of all but the
// loopback, in the order of virt_net_io.
Values network_of(std::string_view net_dev) {
  constexpr int kReceived = 8;  // fields
  std::array<std::uint64_t, 8> sums{};
  while (!net_dev.empty()) {
    std::string_view line = take_line(net_dev);
    const std::string_view name = take_word(line);
    if (!name.ends_with(':') || name == "lo:") continue;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums.at(i) += take_number(line);
      for (int skip = 4; i == 3 && skip < kReceived; ++skip) (void)take_word(line);
    }
  }
  return {sums.begin(), sums.end()};
}

std::optional<VirtualNode> node_at(std::string_view parent, std::string_view part) {
  if (part.ends_with(".service")) {
    return VirtualNode{.kind = VirtualNode::Kind::kService, .name = std::string(part)};
  }
  auto container = scope_of_container(part);
  if (!container) container = plain_container(parent, part);
  if (!container) return std::nullopt;
  return VirtualNode{.kind = VirtualNode::Kind::kContainer, .name = *std::move(container)};
}

}  // namespace

std::optional<VirtualNode> node_of(std::string_view path) {
  std::string_view parent;
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    auto node = node_at(parent, part);
    if (slash == std::string_view::npos) return node;
    if (node) return std::nullopt;  // within it
    parent = part;
    path.remove_prefix(slash + 1);
  }
  return std::nullopt;
}

std::vector<sflow::Record> node_records(const VirtualNode& node, const Uuid& host,
                                        const CgroupTexts& texts, const HostSize& size) {
  const auto number = [](std::uint64_t value) { return FieldValue(value); };
  const std::uint64_t cpu_ms = value_of(texts.cpu_stat, "usage_usec") / 1000;
  const std::uint64_t limit =
      texts.memory_max.starts_with("max") ? size.memory : number_of(texts.memory_max);
  std::vector<sflow::Record> records;
  records.push_back(host_record(
      {.name = node.name, .uuid = uuid_of_node(host, node), .machine = {}, .release = {}}));
  records.push_back(counter_record(2002, Values{number(2), number(1)}));
  records.push_back(
      counter_record(2101, Values{number(kRunning), number(cpu_ms), number(size.cpus)}));
  if (!texts.memory_current.empty()) {
    records.push_back(counter_record(2102, Values{number(number_of(texts.memory_current)),
                                                  number(std::min(limit, size.memory))}));
  }
  if (texts.io_stat) {
    const auto sum = [&](std::string_view key) { return number(io_sum(*texts.io_stat, key)); };
    records.push_back(
        counter_record(2103, Values{number(0), number(0), number(0), sum("rios"), sum("rbytes"),
                                    sum("wios"), sum("wbytes"), number(0)}));
  }
  if (!texts.net_dev.empty()) records.push_back(counter_record(2104, network_of(texts.net_dev)));
  return records;
}

}  // namespace fabrix::host
