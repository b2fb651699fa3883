#include "exchange/telemetry_reader.h"

#include <string>
#include <vector>

#include "exchange/config_value.h"
#include "exchange/export_reader.h"

namespace fabrix::exchange {
namespace {

constexpr std::uint16_t kSflowPort = 6343;  // IANA: sflow
constexpr std::uint16_t kRestPort = 8008;   // sFlow-RT's

auto endpoint(std::uint16_t port) {
  return
      [port](YamlReader& reader, const YamlNode& node) { return read_server(reader, node, port); };
}

}  // namespace

TelemetrySite read_telemetry(YamlReader& reader, const YamlNode& node) {
  static const std::vector<std::string> keys{"sflow", "rest", "exports", "scripts"};
  TelemetrySite site;
  if (!reader.expect_map(node, keys)) return site;
  site.rest = {net::IpAddress::v4({127, 0, 0, 1}), kRestPort};
  read_into(reader, node.find("sflow"), endpoint(kSflowPort), site.sflow);
  read_into(reader, node.find("rest"), endpoint(kRestPort), site.rest);
  if (const YamlNode* const exports = node.find("exports")) {
    site.exports = read_exports(reader, *exports);
  }
  read_into(reader, node.find("scripts"), read_scripts, site.scripts);
  return site;
}

TelemetrySite telemetry_of(std::string_view text) {
  const auto root = parse_yaml(text, "");
  if (!root || root->kind != YamlNode::Kind::kMap) return {};
  const YamlNode* const section = root->find("exchange");
  if (section == nullptr || section->kind != YamlNode::Kind::kMap) return {};
  const YamlNode* const node = section->find("telemetry");
  if (node == nullptr) return {};
  YamlReader reader("");
  const TelemetrySite site = read_telemetry(reader, *node);
  return reader.has_errors() ? TelemetrySite{} : site;
}

}  // namespace fabrix::exchange
