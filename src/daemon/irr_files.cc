#include "daemon/irr_files.h"

#include <set>
#include <utility>

#include "routeserver/irr_json.h"

namespace fabrix::daemon {

using routeserver::IrrSets;

template <typename Item, typename Parse>
void IrrFiles::look_at(Files<Item>& files, const std::string& name, Parse parse) {
  const auto [place, fresh] = files.try_emplace(
      name, File<Item>{.file = WatchedFile(directory_ / name, routeserver::kMaxIrrText),
                       .items = nullptr,
                       .problem = std::nullopt});
  File<Item>& file = place->second;
  const auto text = file.file.read_if_changed();
  if (!text) return;
  const std::string path = file.file.path().string();
  if (!*text) {
    file.problem = problem_with(path, text->error().message);
    return;
  }
  auto items = parse(**text, path);
  if (!items) {
    file.problem = problem_in(items.error(), **text);
    return;
  }
  file.items = std::make_shared<const std::vector<Item>>(*std::move(items));
  file.problem.reset();
}

void IrrFiles::look_at_all(const std::vector<exchange::IrrRule>& rules) {
  std::set<std::string> prefix_names;
  std::set<std::string> origin_names;
  for (const exchange::IrrRule& rule : rules) {
    if (!rule.prefixes_file.empty()) prefix_names.insert(rule.prefixes_file);
    if (!rule.origins_file.empty()) origin_names.insert(rule.origins_file);
  }
  std::erase_if(prefixes_, [&](const auto& one) { return !prefix_names.contains(one.first); });
  std::erase_if(origins_, [&](const auto& one) { return !origin_names.contains(one.first); });
  for (const std::string& name : prefix_names) {
    look_at(prefixes_, name, routeserver::parse_irr_prefixes);
  }
  for (const std::string& name : origin_names) {
    look_at(origins_, name, routeserver::parse_irr_origins);
  }
}

bool IrrFiles::read(const std::vector<exchange::IrrRule>& rules) {
  look_at_all(rules);
  bool changed = sets_.size() != rules.size();
  sources_.resize(rules.size());
  sets_.resize(rules.size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const exchange::IrrRule& rule = rules[i];
    Sources now;
    if (const auto file = prefixes_.find(rule.prefixes_file); file != prefixes_.end()) {
      now.prefixes = file->second.items;
    }
    if (const auto file = origins_.find(rule.origins_file); file != origins_.end()) {
      now.origins = file->second.items;
    }
    Sources& before = sources_[i];
    if (now == before) continue;
    changed = true;
    before = now;
    const bool any = now.prefixes != nullptr || now.origins != nullptr;
    sets_[i] = any ? std::make_shared<const IrrSets>(
                         now.prefixes ? *now.prefixes : std::vector<routeserver::PrefixRange>{},
                         now.origins ? *now.origins : std::vector<net::Asn>{})
                   : nullptr;
  }
  return changed;
}

std::vector<FileProblem> IrrFiles::problems() const {
  std::vector<FileProblem> all;
  for (const auto& [name, file] : prefixes_) {
    if (file.problem) all.push_back(*file.problem);
  }
  for (const auto& [name, file] : origins_) {
    if (file.problem) all.push_back(*file.problem);
  }
  return all;
}

}  // namespace fabrix::daemon
