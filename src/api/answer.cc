#include "api/answer.h"

#include <limits>
#include <utility>

#include "base/suggest.h"

namespace fabrix::api {

std::string_view name_of(RefusalKind kind) {
  switch (kind) {
    case RefusalKind::kNotFound:
      return "not-found";
    case RefusalKind::kBadRequest:
      return "bad-request";
    case RefusalKind::kRefused:
      return "refused";
  }
  return "refused";
}

tl::unexpected<Refusal> not_found(std::string error) {
  return fail(
      Refusal{.kind = RefusalKind::kNotFound, .error = std::move(error), .diagnostics = {}});
}

tl::unexpected<Refusal> bad_request(std::string error) {
  return fail(
      Refusal{.kind = RefusalKind::kBadRequest, .error = std::move(error), .diagnostics = {}});
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
  const auto meant = nearest(name, known);
  return meant ? "; did you mean " + *meant + "?" : "";
}

std::optional<std::string_view> text_of(const boost::json::object& request, std::string_view key) {
  const boost::json::value* value = request.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

std::optional<std::uint32_t> number_of(const boost::json::object& request, std::string_view key) {
  const boost::json::value* value = request.if_contains(key);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  const std::int64_t number = value->get_int64();
  if (number < 0 || number > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(number);
}

}  // namespace fabrix::api
