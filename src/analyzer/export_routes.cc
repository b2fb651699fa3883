#include "analyzer/export_routes.h"

#include <array>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "exports/exports.h"

namespace fabrix::analyzer {
namespace {

http::Response all(const Call& call) {
  boost::json::array array;
  if (call.exports == nullptr) return json_answer(array);
  for (const exports::ExportStatus& one : call.exports->status()) {
    array.push_back(boost::json::object{{"kind", one.kind},
                                        {"url", one.url},
                                        {"sent", one.sent},
                                        {"dropped", one.dropped},
                                        {"failed", one.failed},
                                        {"retries", one.retries},
                                        {"waiting", one.waiting},
                                        {"waitingOctets", one.waiting_octets},
                                        {"problem", one.problem}});
  }
  return json_answer(array);
}

}  // namespace

std::span<const Route> export_routes() {
  static constexpr std::array kRoutes{Route{http::Method::kGet, "/exports/json", all}};
  return kRoutes;
}

}  // namespace fabrix::analyzer
