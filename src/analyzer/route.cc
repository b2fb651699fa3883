#include "analyzer/route.h"

#include <utility>

#include <boost/json/serialize.hpp>

namespace fabrix::analyzer {

http::Response json_answer(const boost::json::value& value) {
  return http::json_response(200, boost::json::serialize(value));
}

http::Response text_answer(std::string text) {
  return http::text_response(200, std::move(text));
}

}  // namespace fabrix::analyzer
