#include "exports/http_sink.h"

#include <algorithm>
#include <charconv>
#include <random>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "exports/entry_json.h"
#include "exports/line_protocol.h"
#include "http/basic_authorization.h"

namespace fabrix::exports {
namespace {

constexpr std::size_t kLongestReason = 200;

std::vector<http::Header> headers_of(const exchange::ExportSite& site) {
  if (!site.token.empty()) return {{"Authorization", "Token " + site.token}};
  if (!site.user.empty()) {
    return {{"Authorization", http::basic_authorization(site.user, site.password)}};
  }
  return {};
}

std::string joined(std::span<const Item> batch) {
  std::string body;
  for (const Item& item : batch) body += item.octets;
  return body;
}

// With room for the numbers of items after it.
std::uint64_t random_row() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U | device()) >> 1U;
}

// "0\n3\n": numbers after the first.
std::set<std::uint64_t> rows_in(std::string_view text, std::uint64_t first) {
  std::set<std::uint64_t> rows;
  while (!text.empty()) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc{}) rows.insert(first + number);
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  return rows;
}

SinkResult result_of(const Result<http::IncomingResponse>& answer) {
  if (!answer) return {.delivery = Delivery::kLater, .why = answer.error().message};
  if (answer->status / 100 == 2) return {};
  const bool is_wrong = answer->status == 400 || answer->status == 413 || answer->status == 422;
  std::string why = fmt::format("{} {}", answer->status, answer->body.substr(0, kLongestReason));
  std::ranges::replace(why, '\n', ' ');
  return {.delivery = is_wrong ? Delivery::kRefused : Delivery::kLater, .why = std::move(why)};
}

}  // namespace

Poster::Poster(io::EventLoop& loop, const exchange::ExportSite& site) : loop_(loop) {
  request_.server = {.host = site.host, .port = site.port};
  request_.host = to_string(request_.server);
  if (site.transport == exchange::Transport::kTls) {
    request_.tls = {.host = site.host, .ca_file = site.ca};
  }
  request_.method = "POST";
  request_.headers = headers_of(site);
}

void Poster::post(const std::string& target, const std::string& body, OnResult on_result) {
  request_.target = target;
  request_.body = body;
  under_way_ = std::make_unique<http::Client>(
      loop_, request_, http::ClientLimits{.time = kPatience, .body_octets = kLongestAnswer},
      [on_result = std::move(on_result)](const Result<http::IncomingResponse>& answer) {
        on_result(result_of(answer), answer ? &*answer : nullptr);
      });
}

InfluxSink::InfluxSink(io::EventLoop& loop, const exchange::ExportSite& site)
    : site_(site), poster_(loop, site) {}

std::string InfluxSink::encode(const Entry& entry) const {
  return influx_line(entry);
}

void InfluxSink::send(std::span<const Item> batch, OnDone on_done) {
  poster_.post(
      site_.path, joined(batch),
      [on_done = std::move(on_done)](const SinkResult& result, const auto*) { on_done(result); });
}

ClickhouseSink::ClickhouseSink(io::EventLoop& loop, const exchange::ExportSite& site)
    : site_(site), poster_(loop, site), first_row_(random_row()) {}

std::string ClickhouseSink::encode(const Entry& entry) const {
  return json_line(entry);
}

void ClickhouseSink::send(std::span<const Item> batch, OnDone on_done) {
  batch_ = batch;
  on_done_ = std::move(on_done);
  if (std::ranges::find(tables_, batch_.front().kind) != tables_.end()) return begin();
  make_table();
}

void ClickhouseSink::make_table() {
  const exchange::Exported kind = batch_.front().kind;
  poster_.post(site_.path, create_table(kind), [this, kind](SinkResult made, const auto*) {
    if (made.delivery == Delivery::kTaken) {
      tables_.push_back(kind);
      return begin();
    }
    // The batch is none the worse for it.
    made.delivery = Delivery::kLater;
    on_done_(made);
  });
}

// What was sent before, and is under way again, may be there.
void ClickhouseSink::begin() {
  if (batch_.front().id <= last_insert_) return ask();
  insert({});
}

void ClickhouseSink::ask() {
  std::int64_t since = time_of_line(batch_.front().octets);
  for (const Item& item : batch_) since = std::min(since, time_of_line(item.octets));
  const std::uint64_t first = row_of(batch_.front());
  // The time is that of the parts in which they can be.
  const std::string query = fmt::format(
      "SELECT row - {} FROM {} WHERE row >= {} AND row <= {} AND time >= toDateTime({})", first,
      table_of(batch_.front().kind), first, row_of(batch_.back()), since);
  poster_.post(site_.path, query,
               [this, first](SinkResult result, const http::IncomingResponse* answer) {
                 if (result.delivery == Delivery::kTaken) {
                   return insert(rows_in(answer->body, first));
                 }
                 if (answer != nullptr && answer->status == 404) tables_.clear();
                 result.delivery = Delivery::kLater;
                 on_done_(result);
               });
}

void ClickhouseSink::insert(const std::set<std::uint64_t>& stored) {
  last_insert_ = batch_.back().id;
  std::string body;
  for (const Item& item : batch_) {
    if (stored.contains(row_of(item))) continue;
    body += fmt::format("{{\"row\":{},{}", row_of(item), std::string_view(item.octets).substr(1));
  }
  if (body.empty()) return on_done_({});
  const char before = site_.path.find('?') == std::string::npos ? '?' : '&';
  const std::string table = table_of(batch_.front().kind);
  const std::string target =
      fmt::format("{}{}query=INSERT%20INTO%20{}%20FORMAT%20JSONEachRow", site_.path, before, table);
  poster_.post(target, body,
               [this](const SinkResult& result, const http::IncomingResponse* answer) {
                 if (answer != nullptr && answer->status == 404) tables_.clear();
                 on_done_(result);
               });
}

}  // namespace fabrix::exports
