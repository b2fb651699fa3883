#include "analyzer/script_store.h"

#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "io/file.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;

std::size_t size_of(std::string_view key, const json::value& value) {
  return key.size() + json::serialize(value).size();
}

}  // namespace

ScriptStore::ScriptStore(std::string file) : file_(std::move(file)) {
  if (file_.empty()) return;
  const auto text = io::read_file(file_, 2 * kMaxOctets);
  if (!text) return;
  boost::system::error_code error;
  const json::value value = json::parse(*text, error);
  if (error || !value.is_object()) return;
  values_ = value.get_object();
  for (const auto& entry : values_) octets_ += size_of(entry.key(), entry.value());
}

json::value ScriptStore::get(std::string_view key) const {
  const json::value* const found = values_.if_contains(key);
  return found == nullptr ? json::value() : *found;
}

Result<void> ScriptStore::set(std::string_view key, json::value value) {
  const json::value* const before = values_.if_contains(key);
  const std::size_t without = octets_ - (before == nullptr ? 0 : size_of(key, *before));
  const std::size_t with = without + size_of(key, value);
  if (with > kMaxOctets) {
    return fail(Error{fmt::format("the script's store has room for {} octets", kMaxOctets)});
  }
  octets_ = with;
  values_[key] = std::move(value);
  is_changed_ = true;
  return {};
}

bool ScriptStore::remove(std::string_view key) {
  auto* const found = values_.find(key);
  if (found == values_.end()) return false;
  octets_ -= size_of(key, found->value());
  values_.erase(found);
  is_changed_ = true;
  return true;
}

json::array ScriptStore::keys() const {
  json::array keys;
  for (const auto& entry : values_) keys.emplace_back(entry.key());
  return keys;
}

Result<void> ScriptStore::save() {
  if (!std::exchange(is_changed_, false) || file_.empty()) return {};
  return io::replace_file(file_, json::serialize(values_), 0600);
}

}  // namespace fabrix::analyzer
