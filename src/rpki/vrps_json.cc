#include "rpki/vrps_json.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "rpki/json_fields.h"

namespace fabrix::rpki {
namespace {

namespace json = boost::json;

Result<StaticVrp> read_entry(const json::value& value) {
  FABRIX_TRY(const json::object* const object, read_object(value, "entry"));
  FABRIX_TRY(const Vrp vrp, read_vrp(*object, "maxLength"));
  FABRIX_TRY(const auto expires, read_number(*object, "expires"));
  StaticVrp entry{.vrp = vrp};
  if (expires) entry.expires = std::chrono::sys_seconds(std::chrono::seconds(*expires));
  return entry;
}

}  // namespace

Result<std::vector<StaticVrp>> parse_vrps_json(std::string_view text) {
  FABRIX_TRY(const json::value file, parse_json_object(text));
  FABRIX_TRY(const json::array* const roas,
             read_array(file.get_object(), "roas", Presence::kRequired));
  if (roas->size() > kMaxVrps) {
    return fail(error_at("roas", fmt::format("more than {} entries", kMaxVrps)));
  }
  std::vector<StaticVrp> result;
  result.reserve(roas->size());
  for (const json::value& value : *roas) {
    const auto entry = read_entry(value);
    if (!entry) {
      return fail(error_at(fmt::format("roas[{}]", result.size()), entry.error().message));
    }
    result.push_back(*entry);
  }
  return result;
}

}  // namespace fabrix::rpki
