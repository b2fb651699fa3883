#include "exchange/script_reader.h"

#include <string_view>

#include "exchange/config_value.h"

namespace fabrix::exchange {
namespace {

constexpr std::size_t kMaxAllowed = 64;
constexpr NumberRange kMemory{.least = 8, .most = 4096};
constexpr NumberRange kPercent{.least = 1, .most = 100};

std::vector<std::string> read_texts(YamlReader& reader, const YamlNode* node, std::string_view what,
                                    std::size_t most) {
  std::vector<std::string> texts;
  if (node == nullptr) return texts;
  for (const YamlNode& item : bounded_list(reader, *node, what, most)) {
    if (auto text = reader.text(item, what)) texts.push_back(*std::move(text));
  }
  return texts;
}

std::map<std::string, std::string> read_properties(YamlReader& reader, const YamlNode* node) {
  std::map<std::string, std::string> properties;
  if (node == nullptr) return properties;
  if (node->kind != YamlNode::Kind::kMap) {
    reader.wrong_type(*node, "a map of properties");
    return properties;
  }
  for (const YamlNode::Entry& entry : node->entries) {
    if (entry.value.kind != YamlNode::Kind::kScalar) {
      reader.wrong_type(entry.value, "a text");
    } else {
      properties[entry.key] = entry.value.scalar;
    }
  }
  return properties;
}

}  // namespace

std::optional<ScriptSite> read_scripts(YamlReader& reader, const YamlNode& node) {
  static const std::vector<std::string> keys{"files",      "store",  "allow", "commands",
                                             "properties", "memory", "cpu"};
  if (!reader.expect_map(node, keys)) return std::nullopt;
  ScriptSite site;
  site.files = read_texts(reader, node.find("files"), "script files", kMaxScripts);
  read_into(reader, node.find("store"), read_path, site.store);
  site.allow = read_texts(reader, node.find("allow"), "URLs", kMaxAllowed);
  site.commands = read_texts(reader, node.find("commands"), "programs", kMaxAllowed);
  site.properties = read_properties(reader, node.find("properties"));
  read_into(reader, node.find("memory"), whole_number<std::size_t>(kMemory), site.memory_mib);
  read_into(reader, node.find("cpu"), whole_number<unsigned>(kPercent), site.cpu_percent);
  return site;
}

}  // namespace fabrix::exchange
