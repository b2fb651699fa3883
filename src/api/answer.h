// Answer: what a request of the local protocol (protocol.h) comes to: data, or a refusal of one of
// three kinds. And what reading requests needs.
//
// Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"

namespace fabrix::api {

enum class RefusalKind : std::uint8_t {
  kNotFound,    // nothing of that name
  kBadRequest,  // anything else that is wrong with the request
  kRefused,     // well understood, and not done: the diagnostics say why
};
std::string_view name_of(RefusalKind kind);

struct Refusal {
  RefusalKind kind = RefusalKind::kBadRequest;
  std::string error;
  boost::json::array diagnostics;
};

using Answer = Result<boost::json::value, Refusal>;

tl::unexpected<Refusal> not_found(std::string error);
tl::unexpected<Refusal> bad_request(std::string error);

// "; did you mean a1?", or nothing.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

// What the request says under this key; none: nothing, or not of this type.
std::optional<std::string_view> text_of(const boost::json::object& request, std::string_view key);
std::optional<std::uint32_t> number_of(const boost::json::object& request, std::string_view key);

}  // namespace fabrix::api
