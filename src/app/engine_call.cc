#include "app/engine_call.h"

#include <chrono>
#include <optional>
#include <utility>

#include <boost/json/parse.hpp>

#include "analyzer/service.h"
#include "app/udp_endpoint_text.h"
#include "io/event_loop.h"

namespace fabrix::app {
namespace {

constexpr std::chrono::seconds kPatience{20};

}  // namespace

Result<io::IpEndpoint> engine_of(const Arguments& arguments) {
  return parse_udp_endpoint(arguments.value("--rest").value_or("127.0.0.1"),
                            analyzer::kDefaultRestPort);
}

Result<http::IncomingResponse> ask_engine(const io::IpEndpoint& engine,
                                          http::OutgoingRequest request) {
  io::EventLoop loop;
  std::optional<Result<http::IncomingResponse>> answer;
  request.server = {engine.address.to_string(), engine.port};
  request.host = to_string(io::Endpoint(engine));
  request.headers.push_back({"Content-Type", "application/json"});
  const http::Client client(loop, request, {.time = kPatience}, [&](auto got) {
    answer = std::move(got);
    loop.stop();
  });
  loop.run();
  if (!*answer) return fail(Error{request.host + ": " + answer->error().message});
  return *std::move(answer);
}

Result<boost::json::value> read_answer(const http::IncomingResponse& response) {
  boost::system::error_code error;
  boost::json::value value = boost::json::parse(response.body, error);
  if (error || !value.is_structured()) {
    return fail(Error{"what answers there is no telemetry engine"});
  }
  return value;
}

}  // namespace fabrix::app
