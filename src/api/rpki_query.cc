#include "api/rpki_query.h"

#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace fabrix::api {
namespace {

namespace json = boost::json;

std::string_view name_of(rpki::Coverage coverage) {
  switch (coverage) {
    case rpki::Coverage::kCurrent:
      return "current";
    case rpki::Coverage::kStale:
      return "stale";
    case rpki::Coverage::kLocalOnly:
      return "local-only";
    case rpki::Coverage::kNone:
      return "none";
  }
  return "none";
}

json::object to_object(const rpki::CacheStatus& cache) {
  json::object object{{"cache", cache.name},
                      {"link", cache.link == rpki::CacheLink::kUp ? "up" : "down"},
                      {"in_use", cache.in_use},
                      {"vrps", cache.vrps},
                      {"aspas", cache.aspas}};
  if (cache.session) {
    object["version"] = static_cast<int>(cache.session->version);
    object["session"] = cache.session->id;
    object["serial"] = cache.session->serial;
  }
  if (cache.age) object["age"] = cache.age->count();
  if (cache.expires_in) object["expires_in"] = cache.expires_in->count();
  object["detail"] = cache.detail;
  return object;
}

}  // namespace

json::value show_rpki(const rpki::RpkiStatus& status) {
  json::array caches;
  for (const rpki::CacheStatus& cache : status.caches) caches.push_back(to_object(cache));
  return json::object{{"coverage", name_of(status.coverage)},
                      {"summary", describe(status)},
                      {"vrps", status.vrps},
                      {"aspas", status.aspas},
                      {"static_vrps", status.static_vrps},
                      {"static_aspas", status.static_aspas},
                      {"slurm_filters", status.slurm_filters},
                      {"slurm_assertions", status.slurm_assertions},
                      {"caches", std::move(caches)}};
}

}  // namespace fabrix::api
