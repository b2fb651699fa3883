#include "rpki/json_fields.h"

#include <algorithm>
#include <limits>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/number.h"
#include "rpki/aspa.h"

namespace fabrix::rpki {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMaxAsn = std::numeric_limits<std::uint32_t>::max();

json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

std::optional<std::int64_t> integer(const json::value& value) {
  if (const auto* number = value.if_int64()) return *number;
  return std::nullopt;
}

std::optional<std::int64_t> asn_number(const json::value& value) {
  const json::string* const string = value.if_string();
  if (string == nullptr) return integer(value);
  std::string_view digits(string->data(), string->size());
  const bool tagged = digits.starts_with("AS") || digits.starts_with("as");
  if (tagged) digits.remove_prefix(2);
  return parse_number<std::int64_t>(digits);
}

Result<net::Asn> asn_of(const json::value& value, std::string_view name) {
  const auto number = asn_number(value);
  if (!number || *number < 0 || *number > kMaxAsn) {
    return fail(error_at(name, "not an AS number"));
  }
  return net::Asn{static_cast<std::uint32_t>(*number)};
}

}  // namespace

Result<json::value> parse_json_object(std::string_view text) {
  json::error_code error;
  json::value value = json::parse(view(text), error);
  if (error) return fail(Error{"not JSON: " + error.message()});
  if (!value.is_object()) return fail(Error{"not a JSON object"});
  return value;
}

Error error_at(std::string_view where, std::string_view message) {
  return {fmt::format("{}: {}", where, message)};
}

Result<const json::array*> read_array(const json::object& object, std::string_view name,
                                      Presence presence) {
  const json::value* const value = object.if_contains(view(name));
  if (value == nullptr && presence == Presence::kOptional) return nullptr;
  const json::array* const array = value == nullptr ? nullptr : value->if_array();
  if (array == nullptr) return fail(error_at(name, value == nullptr ? "missing" : "not an array"));
  return array;
}

Result<const json::object*> read_object(const json::value& value, std::string_view where) {
  const json::object* const object = value.if_object();
  if (object == nullptr) return fail(error_at(where, "not an object"));
  return object;
}

Result<void> allow_only(const json::object& object, std::initializer_list<std::string_view> names) {
  for (const auto& member : object) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::ranges::find(names, name) == names.end()) {
      return fail(error_at(name, "unknown member"));
    }
  }
  return {};
}

Result<std::optional<net::Prefix>> read_prefix(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(view(name));
  if (value == nullptr) return std::nullopt;
  const json::string* const text = value->if_string();
  if (text == nullptr) return fail(error_at(name, "not a string"));
  const auto prefix = net::Prefix::parse({text->data(), text->size()});
  if (!prefix) return fail(error_at(name, describe(prefix.error())));
  return *prefix;
}

Result<std::optional<net::Asn>> read_asn(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(view(name));
  if (value == nullptr) return std::nullopt;
  FABRIX_TRY(const net::Asn asn, asn_of(*value, name));
  return asn;
}

Result<std::vector<net::Asn>> read_asns(const json::object& object, std::string_view name) {
  FABRIX_TRY(const json::array* const values, read_array(object, name, Presence::kRequired));
  if (values->size() > kMaxProvidersOfOne) return fail(error_at(name, "too many"));
  std::vector<net::Asn> asns;
  asns.reserve(values->size());
  for (const json::value& value : *values) {
    FABRIX_TRY(const net::Asn asn, asn_of(value, name));
    asns.push_back(asn);
  }
  return asns;
}

Result<std::optional<std::int64_t>> read_number(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(view(name));
  if (value == nullptr) return std::nullopt;
  const auto number = integer(*value);
  if (!number) return fail(error_at(name, "not a whole number"));
  return *number;
}

Result<Vrp> read_vrp(const json::object& object, std::string_view max_length_name) {
  FABRIX_TRY(const auto prefix, read_prefix(object, "prefix"));
  if (!prefix) return fail(error_at("prefix", "missing"));
  FABRIX_TRY(const auto asn, read_asn(object, "asn"));
  if (!asn) return fail(error_at("asn", "missing"));
  FABRIX_TRY(const auto given, read_number(object, max_length_name));
  const std::int64_t max_length = given.value_or(prefix->length());
  if (max_length < prefix->length()) {
    return fail(error_at(max_length_name, "less than the prefix length"));
  }
  if (max_length > net::width_of(prefix->family())) {
    return fail(error_at(max_length_name, "more than an address has bits"));
  }
  return Vrp{*prefix, static_cast<std::uint8_t>(max_length), *asn};
}

}  // namespace fabrix::rpki
