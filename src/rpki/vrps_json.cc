#include "rpki/vrps_json.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "rpki/json_fields.h"

namespace fabrix::rpki {
namespace {

namespace json = boost::json;

using Expiry = std::optional<std::chrono::sys_seconds>;

Result<Expiry> read_expiry(const json::object& object) {
  FABRIX_TRY(const auto expires, read_number(object, "expires"));
  if (!expires) return Expiry();
  return Expiry(std::chrono::sys_seconds(std::chrono::seconds(*expires)));
}

Result<StaticVrp> read_vrp_entry(const json::value& value) {
  FABRIX_TRY(const json::object* const object, read_object(value, "entry"));
  FABRIX_TRY(const Vrp vrp, read_vrp(*object, "maxLength"));
  FABRIX_TRY(const Expiry expires, read_expiry(*object));
  return StaticVrp{.vrp = vrp, .expires = expires};
}

Result<net::Asn> read_customer(const json::object& object) {
  const std::string_view name = object.contains("customer") ? "customer" : "customer_asid";
  FABRIX_TRY(const auto customer, read_asn(object, name));
  if (!customer) return fail(error_at(name, "missing"));
  return *customer;
}

Result<StaticAspa> read_aspa_entry(const json::value& value) {
  FABRIX_TRY(const json::object* const object, read_object(value, "entry"));
  StaticAspa entry;
  FABRIX_TRY(entry.aspa.customer, read_customer(*object));
  FABRIX_TRY(entry.aspa.providers, read_asns(*object, "providers"));
  std::vector<net::Asn>& providers = entry.aspa.providers;
  std::ranges::sort(providers);
  if (!is_sound(entry.aspa)) {
    return fail(error_at("providers", "none, one twice, too many, or AS 0 among others"));
  }
  FABRIX_TRY(entry.expires, read_expiry(*object));
  return entry;
}

// What the member `name`, of at most `most` elements, holds; nothing if it may be missing.
template <typename Entry>
Result<std::vector<Entry>> read_entries(const json::object& file, std::string_view name,
                                        std::size_t most, Presence presence,
                                        Result<Entry> (*read_entry)(const json::value&)) {
  FABRIX_TRY(const json::array* const values, read_array(file, name, presence));
  std::vector<Entry> entries;
  if (values == nullptr) return entries;
  if (values->size() > most) return fail(error_at(name, fmt::format("more than {} entries", most)));
  entries.reserve(values->size());
  for (const json::value& value : *values) {
    auto entry = read_entry(value);
    if (!entry) {
      return fail(error_at(fmt::format("{}[{}]", name, entries.size()), entry.error().message));
    }
    entries.push_back(*std::move(entry));
  }
  return entries;
}

}  // namespace

Result<StaticData> parse_vrps_json(std::string_view text) {
  FABRIX_TRY(const json::value value, parse_json_object(text));
  const json::object& file = value.get_object();
  const Presence roas = file.contains("aspas") ? Presence::kOptional : Presence::kRequired;
  StaticData data;
  FABRIX_TRY(data.vrps, read_entries(file, "roas", kMaxVrps, roas, &read_vrp_entry));
  FABRIX_TRY(data.aspas,
             read_entries(file, "aspas", kMaxAspas, Presence::kOptional, &read_aspa_entry));
  return data;
}

}  // namespace fabrix::rpki
