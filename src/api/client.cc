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
Result<std::string> exchange_lines(const std::string& path, const std::string& request,
                                   std::chrono::milliseconds patience) {
  io::EventLoop loop;
  std::optional<Result<io::ByteStream>> connected;
  const io::Connector connector(
      loop, io::UnixEndpoint{path}, {.timeout = patience, .tcp = {}, .source = {}, .limits = {}},
      [&](Result<io::ByteStream> stream) { connected.emplace(std::move(stream)); });
  if (!loop.run_until([&] { return connected.has_value(); }, patience)) {
    return fail(Error{"no connection in time"});
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
  if (!loop.run_until(complete, patience)) return fail(Error{"no answer in time"});
  if (line.empty() || line.back() != '\n') return fail(Error{"connection closed"});
  return line;
}

AskFailure unreachable(std::string message) {
  return {.kind = AskError::kUnreachable, .message = std::move(message), .diagnostics = {}};
}

AskError kind_of(std::string_view name) {
  if (name == "not-found") return AskError::kNotFound;
  return name == "refused" ? AskError::kRefused : AskError::kBadRequest;
}

std::string_view text_of(const json::object& reply, std::string_view key) {
  const json::value* value = reply.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : "";
}

AskFailure refusal_of(const json::object& reply) {
  const json::value* diagnostics = reply.if_contains("diagnostics");
  return {.kind = kind_of(text_of(reply, "kind")),
          .message = std::string(text_of(reply, "error")),
          .diagnostics = diagnostics == nullptr ? json::array{} : *diagnostics};
}

}  // namespace

Result<json::value, AskFailure> ask(const std::string& socket_path, const json::object& request,
                                    std::chrono::milliseconds patience) {
  const auto line = exchange_lines(socket_path, json::serialize(request) + "\n", patience);
  if (!line) {
    return fail(unreachable("no daemon answers at " + socket_path + ": " + line.error().message));
  }
  boost::system::error_code error;
  json::value reply = json::parse(*line, error);
  const json::object* object = error ? nullptr : reply.if_object();
  const json::value* ok = object == nullptr ? nullptr : object->if_contains("ok");
  if (ok == nullptr || !ok->is_bool()) {
    return fail(unreachable("what listens at " + socket_path + " is not fabrixd"));
  }
  if (!ok->get_bool()) return fail(refusal_of(*object));
  const json::value* data = object->if_contains("data");
  return data == nullptr ? json::value(nullptr) : *data;
}

}  // namespace fabrix::api
