#include "api/client.h"

#include <optional>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "io/byte_stream.h"
#include "io/connector.h"
#include "io/event_loop.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

// The answer's line, or why there is none.
Result<std::string> exchange_lines(const std::string& path, const std::string& request) {
  io::EventLoop loop;
  std::optional<Result<io::ByteStream>> connected;
  const io::Connector connector(
      loop, io::UnixEndpoint{path}, {},
      [&](Result<io::ByteStream> stream) { connected.emplace(std::move(stream)); });
  if (!loop.run_until([&] { return connected.has_value(); }, kAnswerTimeout)) {
    return fail(Error{"no answer"});
  }
  if (!*connected) return fail(connected->error());
  io::ByteStream& stream = **connected;
  std::string line;
  bool ended = false;
  const auto collect = [&](std::span<const std::byte> data) {
    for (const std::byte octet : data) line.push_back(static_cast<char>(octet));
  };
  stream.start({.on_data = collect,
                .on_end = [&](const io::StreamEnd&) { ended = true; },
                .on_drained = {}});
  const auto complete = [&] { return ended || (!line.empty() && line.back() == '\n'); };
  if (!stream.write(std::as_bytes(std::span(request)))) return fail(Error{"connection lost"});
  if (!loop.run_until(complete, kAnswerTimeout)) return fail(Error{"no answer in time"});
  if (line.empty() || line.back() != '\n') return fail(Error{"connection closed"});
  return line;
}

}  // namespace

Result<json::value, AskFailure> ask(const std::string& socket_path, const json::object& request) {
  const auto line = exchange_lines(socket_path, json::serialize(request) + "\n");
  if (!line) {
    return fail(AskFailure{AskError::kUnreachable,
                           "no daemon answers at " + socket_path + ": " + line.error().message,
                           {}});
  }
  boost::system::error_code error;
  json::value reply = json::parse(*line, error);
  const json::object* object = error ? nullptr : reply.if_object();
  const json::value* ok = object == nullptr ? nullptr : object->if_contains("ok");
  if (ok == nullptr || !ok->is_bool()) {
    return fail(AskFailure{AskError::kUnreachable, "the answer is not one", {}});
  }
  if (ok->get_bool()) return object->at("data");
  return fail(AskFailure{AskError::kRefused, std::string(object->at("error").as_string()),
                         object->at("diagnostics")});
}

}  // namespace fabrix::api
