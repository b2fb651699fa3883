#include "api/client.h"

#include <optional>
#include <span>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "io/byte_stream.h"
#include "io/connector.h"
#include "io/event_loop.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

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

class Connection::Impl {
 public:
  Impl(std::string path, std::chrono::milliseconds patience)
      : path_(std::move(path)), patience_(patience) {}

  Result<void, AskFailure> connect() {
    std::optional<Result<io::ByteStream>> connected;
    const io::Connector connector(
        loop_, io::UnixEndpoint{path_},
        {.timeout = patience_, .tcp = {}, .source = {}, .limits = {}},
        [&](Result<io::ByteStream> stream) { connected.emplace(std::move(stream)); });
    if (!loop_.run_until([&] { return connected.has_value(); }, patience_)) {
      return fail(silence("no connection in time"));
    }
    if (!*connected) return fail(silence(connected->error().message));
    stream_.emplace(*std::move(*connected));
    stream_->start({.on_data =
                        [this](std::span<const std::byte> data) {
                          for (const std::byte octet : data) {
                            input_.push_back(static_cast<char>(octet));
                          }
                        },
                    .on_end = [this](const io::StreamEnd&) { ended_ = true; },
                    .on_drained = {}});
    return {};
  }

  Result<json::value, AskFailure> ask(const json::object& request) {
    const std::string line = json::serialize(request) + "\n";
    if (!stream_->write(std::as_bytes(std::span(line)))) return fail(silence("connection lost"));
    FABRIX_TRY(const auto answer, next_line(patience_));
    boost::system::error_code error;
    const json::value reply = json::parse(answer, error);
    const json::object* object = error ? nullptr : reply.if_object();
    const json::value* ok = object == nullptr ? nullptr : object->if_contains("ok");
    if (ok == nullptr || !ok->is_bool()) {
      return fail(unreachable("what listens at " + path_ + " is not fabrixd"));
    }
    if (!ok->get_bool()) return fail(refusal_of(*object));
    const json::value* data = object->if_contains("data");
    return data == nullptr ? json::value(nullptr) : *data;
  }

  // Without its newline.
  Result<std::string, AskFailure> next_line(std::optional<std::chrono::milliseconds> patience) {
    const auto arrived = [this] { return ended_ || has_line(); };
    while (!arrived()) {
      if (!loop_.run_until(arrived, patience.value_or(kAnswerTimeout)) && patience) {
        return fail(silence("no answer in time"));
      }
    }
    if (!has_line()) return fail(silence("connection closed"));
    const std::size_t end = input_.find('\n', looked_at_);
    std::string line = input_.substr(0, end);
    input_.erase(0, end + 1);
    looked_at_ = 0;
    return line;
  }

 private:
  // Long answers come in many pieces: each is looked at once.
  bool has_line() {
    const std::size_t end = input_.find('\n', looked_at_);
    looked_at_ = end == std::string::npos ? input_.size() : end;
    return end != std::string::npos;
  }

  AskFailure silence(const std::string& why) const {
    return unreachable("no daemon answers at " + path_ + ": " + why);
  }

  std::string path_;
  std::chrono::milliseconds patience_;
  io::EventLoop loop_;
  std::optional<io::ByteStream> stream_;
  std::string input_;
  std::size_t looked_at_ = 0;  // of it: no newline before
  bool ended_ = false;
};

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection, AskFailure> Connection::open(const std::string& socket_path,
                                                std::chrono::milliseconds patience) {
  auto impl = std::make_unique<Impl>(socket_path, patience);
  if (const auto connected = impl->connect(); !connected) return fail(connected.error());
  return Connection(std::move(impl));
}

Result<json::value, AskFailure> Connection::ask(const json::object& request) {
  return impl_->ask(request);
}

Result<void, AskFailure> Connection::ask_pages(json::object request, const TakeRows& take) {
  std::optional<json::value> cursor(0);
  while (cursor) {
    request["cursor"] = *cursor;
    FABRIX_TRY(const json::value page, ask(request));
    const json::object* object = page.if_object();
    const json::value* rows = object == nullptr ? nullptr : object->if_contains("rows");
    if (rows == nullptr || !rows->is_array()) return fail(unreachable("the answer is no page"));
    if (take(rows->get_array()) == Continue::kNo) return {};
    const json::value* next = object->if_contains("next");
    cursor = next == nullptr ? std::nullopt : std::optional(*next);
  }
  return {};
}

Result<void, AskFailure> Connection::stream(const TakeLine& take) {
  for (;;) {
    FABRIX_TRY(const std::string line, impl_->next_line(std::nullopt));
    if (take(line) == Continue::kNo) return {};
  }
}

Result<json::value, AskFailure> ask(const std::string& socket_path, const json::object& request,
                                    std::chrono::milliseconds patience) {
  FABRIX_TRY(auto connection, Connection::open(socket_path, patience));
  return connection.ask(request);
}

}  // namespace fabrix::api
