#include "exchange/source_rule_reader.h"

#include <cstdint>
#include <string>
#include <vector>

#include "exchange/config_value.h"
#include "exchange/policy_words.h"

namespace fabrix::exchange {
namespace {

constexpr std::size_t kMostAllowed = 1000;
constexpr std::uint64_t kMostPrefixes = 65'536;

}  // namespace

void read_source_rule(YamlReader& reader, const YamlNode& security, SourceRule& rule) {
  static const std::vector<std::string> keys{"mode", "allow", "max_prefixes"};
  if (security.kind != YamlNode::Kind::kMap) return;  // read_port_security() says so
  const YamlNode* const node = security.find("source_check");
  if (node == nullptr || !reader.expect_map(*node, keys)) return;
  read_into(reader, node->find("mode"),
            choice({SourceCheck::kOff, SourceCheck::kCount, SourceCheck::kDrop}), rule.mode);
  if (const YamlNode* const allow = node->find("allow")) {
    rule.allowed = read_prefixes(reader, *allow, kMostAllowed);
  }
  read_into(reader, node->find("max_prefixes"),
            whole_number<std::uint32_t>({.least = 1, .most = kMostPrefixes}), rule.max_prefixes);
}

}  // namespace fabrix::exchange
