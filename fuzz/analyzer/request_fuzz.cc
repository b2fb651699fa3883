// Whatever a client asks and says, the routes answer with a status, and what they have been told
// stays within its bounds; then a datagram is measured by it.
//
// Input: a method, a target, the length of a body: a line each; the body; a datagram.
#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

#include "analyzer/router.h"
#include "http/target.h"
#include "sflow/xdr.h"
#include "telemetry/engine.h"

namespace fabrix::analyzer {
namespace {

std::string take(std::string_view& rest, std::size_t size) {
  const std::string taken(rest.substr(0, size));
  rest.remove_prefix(taken.size());
  return taken;
}

std::string take_line(std::string_view& rest) {
  std::string line = take(rest, std::min(rest.find('\n'), rest.size()));
  take(rest, 1);
  return line;
}

http::Method method_of(std::string_view name) {
  if (name == "PUT") return http::Method::kPut;
  return name == "DELETE" ? http::Method::kDelete : http::Method::kGet;
}

// What it would be sent, as far as a client would wait.
void read_all(http::Response& response) {
  if (response.status < 200 || response.status > 599) std::abort();
  auto* const next = std::get_if<http::NextPiece>(&response.body);
  if (next == nullptr) return;
  constexpr int kPatience = 3;
  for (int i = 0; i < kPatience && (*next)(); ++i) {
  }
}

void run(std::string_view rest) {
  http::Request request;
  request.method = method_of(take_line(rest));
  const auto target = http::parse_target(take_line(rest));
  if (!target) return;
  request.target = *target;
  const std::string length = take_line(rest);
  std::size_t size = 0;
  std::from_chars(length.data(), length.data() + length.size(), size);
  request.body = take(rest, size);
  telemetry::Engine engine;
  const Router routes = all_routes();
  http::Response response = routes.answer(engine, request);
  const auto from = net::IpAddress::v4({192, 0, 2, 1});
  for (int second = 1; second <= 3; ++second) {
    engine.receive(std::as_bytes(std::span(rest)), from, std::chrono::seconds(second * 100));
    engine.tick(std::chrono::seconds(second * 100));
  }
  read_all(response);
  for (const auto* const path : {"/flow/json", "/events/json", "/flows/json", "/flowkeys/json"}) {
    request.method = http::Method::kGet;
    request.target = http::parse_target(path).value();
    http::Response again = routes.answer(engine, request);
    if (again.status != 200) std::abort();
    read_all(again);
  }
}

}  // namespace
}  // namespace fabrix::analyzer

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fabrix::analyzer::run(fabrix::sflow::as_text(std::as_bytes(std::span(data, size))));
  return 0;
}
