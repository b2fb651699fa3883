#include "exchange/switch_reader.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/number.h"
#include "exchange/config_value.h"
#include "exchange/policy_words.h"

namespace fabrix::exchange {
namespace {

constexpr std::size_t kDatapathDigits = 16;

std::optional<std::uint64_t> read_datapath(YamlReader& reader, const YamlNode& node) {
  const auto text = reader.text(node, "a datapath id");
  if (!text) return std::nullopt;
  const auto id = parse_number<std::uint64_t>(*text, 16);
  if (text->size() == kDatapathDigits && id && *id != 0) return id;
  reader.error(node.at, "C0146", fmt::format("{} is no datapath id", quote(*text)),
               "it is 16 hexadecimal digits, not all 0, as the switch says it: "
               "ovs-vsctl get bridge NAME datapath_id");
  return std::nullopt;
}

// What is read of the port `text`, as a number in the file is.
std::optional<std::uint32_t> read_number(YamlReader& reader, const SourceSpan& at,
                                         std::string_view text) {
  YamlNode node;
  node.kind = YamlNode::Kind::kScalar;
  node.scalar = text;
  node.at = at;
  const auto number = reader.number(node, {.least = 1, .most = kMaxSwitchPort});
  if (!number) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

class SwitchReader {
 public:
  explicit SwitchReader(YamlReader& reader) : reader_(reader), faults_(reader.error_count()) {}

  Topology read(const YamlNode& switches, const YamlNode* links) {
    for (const YamlNode& node : bounded_list(reader_, switches, "switches", kMaxSwitches)) {
      read_switch(node);
    }
    if (links != nullptr) {
      for (const YamlNode& node : bounded_list(reader_, *links, "links", kMaxLinks)) {
        read_link(node);
      }
    }
    if (is_faultless()) check_paths(links == nullptr ? switches.at : links->at);
    return is_faultless() ? std::move(topology_) : Topology{};
  }

 private:
  bool is_faultless() const { return reader_.error_count() == faults_; }

  void read_switch(const YamlNode& node) {
    static const std::vector<std::string> keys{"name", "datapath", "role", "ports"};
    if (!reader_.expect_map(node, keys)) return;
    const SwitchIndex at = topology_.switches.size();
    SwitchSpec& spec = topology_.switches.emplace_back();
    if (const YamlNode* const name = reader_.require(node, "name")) {
      read_into(reader_, name, read_name, spec.name);
      if (!spec.name.empty()) claim_name(spec, name->at);
    }
    if (const YamlNode* const datapath = reader_.require(node, "datapath")) {
      read_into(reader_, datapath, read_datapath, spec.datapath_id);
      if (spec.datapath_id != 0) claim_datapath(spec, datapath->at);
    }
    read_into(reader_, node.find("role"), choice({SwitchRole::kEdge, SwitchRole::kCore}),
              spec.role);
    if (const YamlNode* const ports = node.find("ports")) read_ports(*ports, at);
  }

  void claim_name(const SwitchSpec& spec, const SourceSpan& at) {
    const auto [first, is_new] = names_.try_emplace(spec.name, at);
    if (is_new) return;
    reader_.error(at, "C0121",
                  fmt::format("the name '{}' is already that of a switch (line {})", spec.name,
                              first->second.line));
  }

  void claim_datapath(const SwitchSpec& spec, const SourceSpan& at) {
    const auto [first, is_new] = datapaths_.try_emplace(spec.datapath_id, spec.name);
    if (is_new) return;
    reader_.error(at, "C0147",
                  fmt::format("the datapath id {:016x} is already that of switch {}",
                              spec.datapath_id, first->second));
  }

  void read_ports(const YamlNode& node, SwitchIndex at) {
    if (topology_.switches[at].role == SwitchRole::kCore) {
      reader_.error(
          node.at, "C0148",
          fmt::format("core switch {} has ports of the exchange", topology_.switches[at].name),
          "a core switch has links alone; one with members is an edge");
      return;
    }
    if (node.kind == YamlNode::Kind::kMap) {
      for (const YamlNode::Entry& entry : node.entries) {
        const auto port = read_number(reader_, entry.key_at, entry.key);
        const auto own = reader_.number(entry.value, {.least = 1, .most = kMaxSwitchPort});
        if (port && own) add_port(at, *port, *own, entry.key_at);
      }
      return;
    }
    const auto items = reader_.list(node, "ports: {1: 11, 2: 12}, or [1, 2]");
    if (!items) return;
    for (const YamlNode& item : *items) {
      const auto port = reader_.number(item, {.least = 1, .most = kMaxSwitchPort});
      if (port) add_port(at, *port, *port, item.at);
    }
  }

  void add_port(SwitchIndex at, std::uint64_t port, std::uint64_t own, const SourceSpan& where) {
    const net::PortNo number{static_cast<std::uint32_t>(port)};
    SwitchSpec& spec = topology_.switches[at];
    if (port > kMaxLabel) {
      reader_.error(where, "C0149", fmt::format("port {} cannot be a label between switches", port),
                    fmt::format("with several switches the exchange's ports are 1 to {} (VLAN ids)",
                                kMaxLabel));
      return;
    }
    if (const auto other = switch_of(topology_, number)) {
      reader_.error(
          where, "C0150",
          fmt::format("port {} is already at switch {}", port, topology_.switches[*other].name));
      return;
    }
    const net::PortNo own_number{static_cast<std::uint32_t>(own)};
    if (use({.at = at, .port = own_number}, where)) spec.ports[number] = own_number;
  }

  bool use(const LinkEnd& end, const SourceSpan& where) {
    const auto [first, is_new] = used_.try_emplace(end, where);
    if (is_new) return true;
    reader_.error(where, "C0151",
                  fmt::format("port {} of switch {} is used already (line {})", end.port.value,
                              topology_.switches[end.at].name, first->second.line));
    return false;
  }

  void read_link(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::kList || node.items.size() != 2) {
      reader_.wrong_type(node, "two ends of a link: [e1:49, c1:1]");
      return;
    }
    const auto one = read_end(node.items[0]);
    const auto other = read_end(node.items[1]);
    if (!one || !other) return;
    if (one->at == other->at) {
      reader_.error(
          node.at, "C0154",
          fmt::format("a link from switch {} to itself", topology_.switches[one->at].name));
      return;
    }
    const bool is_free = use(*one, node.items[0].at);
    if (use(*other, node.items[1].at) && is_free) topology_.links.push_back({*one, *other});
  }

  std::optional<LinkEnd> read_end(const YamlNode& node) {
    const auto text = reader_.text(node, "an end of a link: e1:49");
    if (!text) return std::nullopt;
    const std::size_t colon = text->find(':');
    if (colon == std::string::npos) {
      reader_.error(node.at, "C0152", fmt::format("{} is no end of a link", quote(*text)),
                    "it is a switch and a port of its own: e1:49");
      return std::nullopt;
    }
    const std::string name = text->substr(0, colon);
    const auto at = std::ranges::find(topology_.switches, name, &SwitchSpec::name);
    if (at == topology_.switches.end()) {
      std::vector<std::string> known;
      for (const SwitchSpec& spec : topology_.switches) known.push_back(spec.name);
      reader_.error(node.at, "C0153", fmt::format("no switch is called {}", quote(name)),
                    suggest_name(name, known, "switches"));
      return std::nullopt;
    }
    const auto port = read_number(reader_, node.at, std::string_view(*text).substr(colon + 1));
    if (!port) return std::nullopt;
    return LinkEnd{.at = static_cast<SwitchIndex>(at - topology_.switches.begin()),
                   .port = net::PortNo{*port}};
  }

  void check_paths(const SourceSpan& where) {
    const auto apart = find_apart(topology_);
    if (!apart) return;
    reader_.error(
        where, "C0155",
        fmt::format("no path leads from switch {} to switch {}",
                    topology_.switches[(*apart)[0]].name, topology_.switches[(*apart)[1]].name),
        "a path is one link, or several over core switches");
  }

  YamlReader& reader_;
  std::size_t faults_;  // before ours
  Topology topology_;
  std::map<std::string, SourceSpan> names_;
  std::map<std::uint64_t, std::string> datapaths_;
  std::map<LinkEnd, SourceSpan> used_;
};

}  // namespace

Topology read_switches(YamlReader& reader, const YamlNode& fabric) {
  const YamlNode* const switches = fabric.find("switches");
  const YamlNode* const links = fabric.find("links");
  if (switches != nullptr) return SwitchReader(reader).read(*switches, links);
  if (links != nullptr) reader.error(links->at, "C0140", "links need switches");
  return {};
}

}  // namespace fabrix::exchange
