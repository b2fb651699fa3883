#include "exchange/sflow_reader.h"

#include <string>
#include <vector>

#include "exchange/config_value.h"

namespace fabrix::exchange {
namespace {

constexpr std::uint16_t kSflowPort = 6343;  // IANA: sflow
constexpr std::size_t kMaxCollectors = 8;
constexpr std::uint64_t kMaxRate = 1U << 24U;
constexpr std::uint64_t kMaxPolling = 3600;

std::optional<net::IpAddress> read_agent(YamlReader& reader, const YamlNode& node) {
  const auto address = read_address(reader, node);
  if (!address || *address != net::IpAddress::unspecified(address->family())) return address;
  reader.error(node.at, "C0157", "the sFlow agent has no address",
               "collectors know the exchange by it; without 'agent' it is the router id");
  return std::nullopt;
}

}  // namespace

std::optional<std::uint32_t> read_sflow_rate(YamlReader& reader, const YamlNode& node) {
  const auto rate = reader.number(node, {.least = 0, .most = kMaxRate});
  if (!rate) return std::nullopt;
  return static_cast<std::uint32_t>(*rate);
}

void read_sflow(YamlReader& reader, const YamlNode& node, SflowSite& site) {
  static const std::vector<std::string> keys{"collectors", "agent", "rate", "polling"};
  if (!reader.expect_map(node, keys)) return;
  if (const YamlNode* const collectors = reader.require(node, "collectors")) {
    for (const YamlNode& item : bounded_list(reader, *collectors, "collectors", kMaxCollectors)) {
      if (const auto one = read_server(reader, item, kSflowPort)) site.collectors.push_back(*one);
    }
  }
  if (const YamlNode* const agent = node.find("agent")) site.agent = read_agent(reader, *agent);
  read_into(reader, node.find("rate"), read_sflow_rate, site.rate);
  read_into(reader, node.find("polling"),
            whole_number<std::uint32_t>({.least = 0, .most = kMaxPolling}), site.polling_seconds);
}

}  // namespace fabrix::exchange
