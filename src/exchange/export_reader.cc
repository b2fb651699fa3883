#include "exchange/export_reader.h"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "exchange/config_value.h"

namespace fabrix::exchange {
namespace {

template <typename All>
std::vector<std::string> names_of(const All& all) {
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const auto one : all) names.emplace_back(name_of(one));
  return names;
}

std::optional<std::vector<Exported>> read_what(YamlReader& reader, const YamlNode& node) {
  static const std::vector<std::string> words = names_of(kAllExported);
  std::vector<Exported> what;
  for (const YamlNode& item : bounded_list(reader, node, "what is exported", words.size())) {
    if (const auto index = reader.word(item, words)) what.push_back(kAllExported[*index]);
  }
  return what;
}

std::optional<std::string> read_token(YamlReader& reader, const YamlNode& node) {
  return reader.text(node, "a token");
}

std::optional<ExportSite> read_export(YamlReader& reader, const YamlNode& node) {
  static const std::vector<std::string> keys{"kind", "url", "token", "what", "batch", "interval"};
  static const std::vector<std::string> kinds = names_of(kExportKinds);
  if (!reader.expect_map(node, keys)) return std::nullopt;
  const YamlNode* const kind = reader.require(node, "kind");
  const YamlNode* const url = reader.require(node, "url");
  if (kind == nullptr || url == nullptr) return std::nullopt;
  const auto index = reader.word(*kind, kinds);
  const auto text = reader.text(*url, "a URL");
  if (!index || !text) return std::nullopt;
  auto site = parse_export(kExportKinds[*index], *text);
  if (!site) {
    reader.error(
        url->at, "C0158",
        fmt::format("{} is no place to export to: {}", quote(*text), site.error().message),
        "write it as 'http://192.0.2.1:8086/write?db=fabrix' or 'nats://192.0.2.1/fabrix'");
    return std::nullopt;
  }
  read_into(reader, node.find("token"), read_token, site->token);
  read_into(reader, node.find("what"), read_what, site->what);
  read_into(reader, node.find("batch"),
            whole_number<std::uint32_t>({.least = 1, .most = kMaxBatch}), site->batch);
  read_into(reader, node.find("interval"), whole_number<std::uint32_t>({.least = 1, .most = 3600}),
            site->interval_seconds);
  return *std::move(site);
}

}  // namespace

std::vector<ExportSite> read_exports(YamlReader& reader, const YamlNode& node) {
  std::vector<ExportSite> sites;
  for (const YamlNode& item : bounded_list(reader, node, "exports", kMaxExports)) {
    if (auto site = read_export(reader, item)) sites.push_back(*std::move(site));
  }
  return sites;
}

}  // namespace fabrix::exchange
