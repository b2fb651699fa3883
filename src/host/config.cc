#include "host/config.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/suggest.h"
#include "host/config_tokens.h"
#include "net/host_name.h"

namespace fabrix::host {
namespace {

// Why a value is none: what is wanted instead.
using Complaint = std::optional<std::string>;
using Set = std::function<Complaint(std::string_view)>;

struct Setting {
  std::string_view name;
  Set set;  // empty: of a part of hsflowd that is not here
};

struct Block;
struct Inner {
  std::string_view name;
  std::function<Block()> begin;  // empty: a part of hsflowd that is not here
};

// What may stand between two braces.
struct Block {
  std::vector<Setting> settings;
  std::vector<Inner> inner;
  std::function<Complaint()> missing;  // at the end: what should have been there
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{}) return std::nullopt;
  std::uint64_t times = 1;
  for (const char suffix : std::string_view(stopped, static_cast<std::size_t>(end - stopped))) {
    const auto power = std::string_view("KMGTP").find(
        suffix >= 'a' && suffix <= 'z' ? static_cast<char>(suffix - 'a' + 'A') : suffix);
    if (power == std::string_view::npos || times != 1) return std::nullopt;
    for (std::size_t i = 0; i <= power; ++i) times *= 1000;
  }
  if (value > std::numeric_limits<std::uint64_t>::max() / times) return std::nullopt;
  return value * times;
}

template <typename Number>
Set between(Number& to, std::uint64_t least, std::uint64_t most) {
  return [&to, least, most](std::string_view text) -> Complaint {
    const auto value = number(text);
    if (!value || *value < least || *value > most) {
      return fmt::format("a number from {} to {}", least, most);
    }
    to = static_cast<Number>(*value);
    return {};
  };
}

Set rate_in(std::optional<std::uint32_t>& to) {
  return [&to](std::string_view text) {
    std::uint32_t value = 0;
    auto complaint = between(value, 0, Config::kMaxRate)(text);
    if (!complaint) to = value;
    return complaint;
  };
}

Set text_in(std::string& to) {
  return [&to](std::string_view text) -> Complaint {
    to = text;
    return {};
  };
}

Set switch_in(bool& to) {
  return [&to](std::string_view text) -> Complaint {
    to = same_word(text, "on");
    if (to || same_word(text, "off")) return {};
    return "on or off";
  };
}

Set ignored() {
  return [](std::string_view) -> Complaint { return {}; };
}

template <typename Place>
Set direction_in(Place& to) {
  return [&to](std::string_view text) -> Complaint {
    const auto direction = direction_of(text);
    if (!direction) return "in, out or both";
    to = *direction;
    return {};
  };
}

template <typename Place>
Set address_in(Place& to) {
  return [&to](std::string_view text) -> Complaint {
    const auto address = net::IpAddress::parse(text);
    if (!address) return "an address, such as 192.0.2.1 or 2001:db8::1";
    to = *address;
    return {};
  };
}

Set host_in(Collector& to) {
  return [&to](std::string_view text) -> Complaint {
    const auto address = net::IpAddress::parse(text);
    if (!address && !net::is_host_name(text)) {
      return "an address or a name, such as 192.0.2.1, 2001:db8::1 or collector.example.net";
    }
    to.address = address.value_or(Collector().address);
    to.name = address ? std::string_view() : text;
    return {};
  };
}

// "192.0.2.0/24"; bits after the length do not count.
Set prefix_in(std::vector<net::Prefix>& to) {
  return [&to](std::string_view text) -> Complaint {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const auto address = net::IpAddress::parse(text.substr(0, slash));
    const auto length = number(text.substr(std::min(slash + 1, text.size())));
    if (!address || !length || *length > net::width_of(address->family())) {
      return "a prefix, such as 192.0.2.0/24";
    }
    to.push_back(*net::Prefix::containing(*address, static_cast<unsigned>(*length)));
    return {};
  };
}

Set uuid_in(std::optional<Uuid>& to) {
  return [&to](std::string_view text) -> Complaint {
    to = uuid_of(text);
    if (to) return {};
    return "32 hexadecimal digits";
  };
}

// "1G", "1G-10G", "1G-".
Set speeds_in(SpeedRange& to) {
  return [&to](std::string_view text) -> Complaint {
    const std::size_t dash = text.find('-');
    const auto lowest = number(text.substr(0, dash));
    const std::string_view rest = dash == std::string_view::npos ? text : text.substr(dash + 1);
    const auto highest = rest.empty() ? std::numeric_limits<std::uint64_t>::max() : number(rest);
    if (!lowest || !highest || *lowest > *highest) return "a speed or two, such as 10G or 1G-10G";
    to = {.lowest = *lowest, .highest = *highest};
    return {};
  };
}

Block collector_block(Config& config) {
  Collector& collector = config.collectors.emplace_back();
  return {.settings = {{"ip", host_in(collector)},
                       {"udpport", between(collector.port, 1, 65535)},
                       {"dev", text_in(collector.device)},
                       {"namespace", text_in(collector.network_namespace)}},
          .inner = {},
          .missing = [&collector]() -> Complaint {
            const bool has_address = collector.address != Collector().address;
            if (has_address || !collector.name.empty()) return {};
            return "write collector { ip=192.0.2.1 }";
          }};
}

Block sampled_block(Config& config) {
  Sampled& sampled = config.sampled.emplace_back();
  return {.settings = {{"dev", text_in(sampled.device)},
                       {"speed", speeds_in(sampled.speed)},
                       {"sampling", rate_in(sampled.rate)},
                       {"direction", direction_in(sampled.direction)},
                       {"promisc", switch_in(sampled.promiscuous)},
                       {"vport", ignored()}},
          .inner = {},
          .missing = [&sampled]() -> Complaint {
            if (!sampled.device.empty() || sampled.speed.highest != 0) return {};
            return "write pcap { dev=eth0 }, or pcap { speed=1G- } for all of a speed";
          }};
}

// A part that is there or not, and where its cgroups are.
Block cgroup_block(Config& config, bool& is_there) {
  is_there = true;
  return {.settings = {{"cgroup", text_in(config.cgroup)},
                       {"markTraffic", ignored()},
                       {"dropPriv", ignored()},
                       {"refreshVMs", ignored()},
                       {"forgetVMs", ignored()},
                       {"hostname", ignored()},
                       {"EOF", ignored()},
                       {"cgroup_procs", ignored()},
                       {"cgroup_acct", ignored()}},
          .inner = {},
          .missing = {}};
}

Block sflow_block(Config& config) {
  Block block{
      .settings = {{"polling", between(config.polling_seconds, 0, 3600)},
                   {"counterPollingInterval", between(config.polling_seconds, 0, 3600)},
                   {"sampling", rate_in(config.sampling)},
                   {"packetSamplingRate", rate_in(config.sampling)},
                   {"sampling.bps_ratio",
                    [&config](std::string_view text) {
                      return between(config.bps_ratio.emplace(), 0, 0xffffffffU)(text);
                    }},
                   {"samplingDirection", direction_in(config.direction)},
                   {"headerBytes", between(config.header_bytes, 14, 256)},
                   {"datagramBytes", between(config.datagram_bytes, 400, 8192)},
                   {"subAgentId", between(config.sub_agent, 0, 0xffffffffU)},
                   {"agent", text_in(config.agent_device)},
                   {"agentIP", address_in(config.agent_address)},
                   {"agent.cidr", prefix_in(config.agent_prefixes)},
                   {"uuid", uuid_in(config.uuid)},
                   {"hostname", text_in(config.host_name)},
                   {"refreshAdaptors", ignored()},
                   {"checkAdaptors", ignored()},
                   {"refreshVMs", ignored()},
                   {"forgetVMs", ignored()},
                   {"loopback", ignored()}},
      .inner = {{"collector", [&config] { return collector_block(config); }},
                {"pcap", [&config] { return sampled_block(config); }},
                {"tcp",
                 [&config] {
                   config.tcp = true;
                   return Block{
                       .settings = {{"tunnel", ignored()}, {"udp", ignored()}, {"dump", ignored()}},
                       .inner = {},
                       .missing = {}};
                 }},
                {"systemd", [&config] { return cgroup_block(config, config.services); }},
                {"containers", [&config] { return cgroup_block(config, config.containers); }},
                {"docker", [&config] { return cgroup_block(config, config.containers); }},
                {"containerd", [&config] { return cgroup_block(config, config.containers); }},
                {"k8s", [&config] { return cgroup_block(config, config.containers); }}},
      .missing = {}};
  for (const std::string_view name :
       {"dns-sd",  "json", "xen",  "kvm",     "ulog",    "nflog", "psample",
        "dropmon", "nvml", "ovs",  "cumulus", "dent",    "opx",   "os10",
        "sonic",   "vpp",  "dbus", "eapi",    "nlroute", "epcap"}) {
    block.inner.push_back({name, {}});
  }
  // As files were written before those were blocks.
  for (const std::string_view name :
       {"DNSSD", "DNSSD_domain", "modules", "jsonPort", "jsonFIFO", "ulogGroup", "ulogProbability",
        "nflogGroup", "nflogProbability", "xen.update.dominfo", "xen.dsk"}) {
    block.settings.push_back({name, {}});
  }
  return block;
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& file) : tokens_(text), file_(file) {}

  ConfigReading read() && {
    const Block top{.settings = {},
                    .inner = {{"sflow", [this] { return sflow_block(reading_.config); }}},
                    .missing = {}};
    if (tokens_.peek().kind == Token::Kind::kEnd) {
      complain("H0101", tokens_.peek(), "there is nothing in the file", "write sflow { ... }");
    }
    read_items(top, Token::Kind::kEnd);
    return std::move(reading_);
  }

 private:
  void complain(std::string_view code, const Token& where, std::string message, std::string help,
                Severity severity = Severity::kError) {
    reading_.diagnostics.push_back({.severity = severity,
                                    .code = std::string(code),
                                    .message = std::move(message),
                                    .file = file_,
                                    .at = where.at,
                                    .witness = {},
                                    .help = std::move(help)});
  }

  // NOLINTBEGIN(misc-no-recursion): a block is read by its own call; those that are known are two
  // deep.

  // Up to the token that ends the block.
  void read_items(const Block& block, Token::Kind end) {
    for (;;) {
      const Token token = tokens_.next();
      if (token.kind == end) return;
      switch (token.kind) {
        case Token::Kind::kEnd:
          complain("H0101", token, "the file ends within a block", "close it with '}'");
          return;
        case Token::Kind::kOpen:
          complain("H0101", token, "a block without a name", "write its name before '{'");
          skip_block();
          break;
        case Token::Kind::kClose:
          complain("H0101", token, "there is no block to close", "take the '}' away");
          break;
        case Token::Kind::kWord:
          read_item(block, token);
      }
    }
  }

  void read_item(const Block& block, const Token& name) {
    if (tokens_.peek().kind == Token::Kind::kOpen) {
      (void)tokens_.next();
      return read_inner(block, name);
    }
    const auto* const setting = find(block, name.text);
    const bool is_of_some = setting == nullptr && is_of_some_setting(block, name.text);
    if (setting == nullptr && !is_of_some) return unknown(block, name);
    const Token value = tokens_.peek();
    if (value.kind != Token::Kind::kWord) {
      return complain("H0101", name, fmt::format("'{}' has no value", name.text),
                      fmt::format("write {} = VALUE", name.text));
    }
    (void)tokens_.next();
    if (setting != nullptr && !setting->set) return pass_over(name);
    const Complaint complaint =
        is_of_some ? set_rate_of_speed(name.text, value.text) : setting->set(value.text);
    if (complaint) {
      complain("H0103", value, fmt::format("'{}' is no value of '{}'", value.text, name.text),
               "write " + *complaint);
    }
  }

  void read_inner(const Block& block, const Token& name) {
    const auto found = std::ranges::find_if(
        block.inner, [&](const Inner& inner) { return same_word(inner.name, name.text); });
    if (found == block.inner.end()) {
      unknown(block, name);
      return skip_block();
    }
    if (!found->begin) {
      pass_over(name);
      return skip_block();
    }
    const Block inner = found->begin();
    read_items(inner, Token::Kind::kClose);
    const Complaint missing = inner.missing ? inner.missing() : Complaint{};
    if (missing) {
      complain("H0105", name, fmt::format("'{}' does not say enough", name.text), *missing);
    }
  }

  // NOLINTEND(misc-no-recursion)

  void pass_over(const Token& name) {
    complain("H0104", name, fmt::format("'{}' of hsflowd is not a part of this agent", name.text),
             "it is passed over", Severity::kWarning);
  }

  void skip_block() {
    for (std::size_t depth = 1; depth > 0;) {
      const Token token = tokens_.next();
      if (token.kind == Token::Kind::kEnd) {
        return complain("H0101", token, "the file ends within a block", "close it with '}'");
      }
      if (token.kind == Token::Kind::kOpen) ++depth;
      if (token.kind == Token::Kind::kClose) --depth;
    }
  }

  static const Setting* find(const Block& block, std::string_view name) {
    const auto found = std::ranges::find_if(
        block.settings, [&](const Setting& setting) { return same_word(setting.name, name); });
    return found == block.settings.end() ? nullptr : &*found;
  }

  // "sampling.10G"; also sampling.http, polling.http and the like, which no one here needs.
  static bool is_of_some_setting(const Block& block, std::string_view name) {
    if (find(block, "sampling.bps_ratio") == nullptr) return false;
    return (begins_with_word(name, "sampling.") && name.size() > kSampling) ||
           (begins_with_word(name, "polling.") && name.size() > kPolling);
  }
  Complaint set_rate_of_speed(std::string_view name, std::string_view value) {
    std::uint32_t rate = 0;
    auto complaint = between(rate, 0, Config::kMaxRate)(value);
    if (begins_with_word(name, "polling.")) return complaint;
    const auto speed = number(name.substr(kSampling));
    if (!complaint && speed) reading_.config.sampling_by_speed[*speed] = rate;
    return complaint;
  }

  void unknown(const Block& block, const Token& name) {
    std::vector<std::string> known;
    for (const Setting& setting : block.settings) known.emplace_back(setting.name);
    for (const Inner& inner : block.inner) known.emplace_back(inner.name);
    const auto near = nearest(name.text, known);
    std::string all;
    for (const Inner& inner : block.inner) all += inner.begin ? fmt::format(" {}", inner.name) : "";
    std::string help = near          ? fmt::format("did you mean '{}'?", *near)
                       : all.empty() ? "docs/agent.md lists what there is"
                                     : fmt::format("the blocks that can be here are:{}", all);
    complain("H0102", name, fmt::format("'{}' is nothing that can be set here", name.text),
             std::move(help));
  }

  static constexpr std::size_t kSampling = std::string_view("sampling.").size();
  static constexpr std::size_t kPolling = std::string_view("polling.").size();

  Tokens tokens_;
  const std::string& file_;
  ConfigReading reading_;
};

}  // namespace

std::optional<Direction> direction_of(std::string_view text) {
  if (same_word(text, "in")) return Direction::kIn;
  if (same_word(text, "out")) return Direction::kOut;
  if (same_word(text, "both")) return Direction::kBoth;
  return std::nullopt;
}

std::optional<Uuid> uuid_of(std::string_view text) {
  Uuid uuid{};
  std::string digits(text);
  std::erase(digits, '-');
  if (digits.size() != 2 * uuid.size()) return std::nullopt;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    unsigned octet = 0;
    const char* const from = digits.data() + 2 * i;
    if (std::from_chars(from, from + 2, octet, 16).ptr != from + 2) return std::nullopt;
    uuid.at(i) = static_cast<std::byte>(octet);
  }
  return uuid;
}

ConfigReading read_config(std::string_view text, const std::string& file) {
  return Reader(text, file).read();
}

std::uint32_t sampling_rate(const Config& config, const Sampled& sampled, std::uint64_t speed) {
  constexpr std::uint32_t kBySpeed = 1'000'000;
  constexpr std::uint64_t kLeast = 100;
  constexpr std::uint32_t kOtherwise = 400;
  const auto limited = [](std::uint64_t rate) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(rate, Config::kMaxRate));
  };
  if (sampled.rate) return *sampled.rate;
  const auto found = config.sampling_by_speed.find(speed);
  if (found != config.sampling_by_speed.end()) return found->second;
  const std::uint32_t ratio = config.bps_ratio.value_or(0);
  if (speed != 0 && ratio != 0) return limited(std::max<std::uint64_t>(speed / ratio, 1));
  if (config.sampling) return *config.sampling;
  if (speed != 0 && !config.bps_ratio) return limited(std::max(speed / kBySpeed, kLeast));
  return kOtherwise;
}

}  // namespace fabrix::host
