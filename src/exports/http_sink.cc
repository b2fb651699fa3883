#include "exports/http_sink.h"

#include <algorithm>
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
        on_result(result_of(answer), answer ? answer->status : 0);
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
      [on_done = std::move(on_done)](const SinkResult& result, unsigned) { on_done(result); });
}

ClickhouseSink::ClickhouseSink(io::EventLoop& loop, const exchange::ExportSite& site)
    : site_(site), poster_(loop, site) {}

std::string ClickhouseSink::encode(const Entry& entry) const {
  return json_line(entry);
}

void ClickhouseSink::send(std::span<const Item> batch, OnDone on_done) {
  batch_ = batch;
  on_done_ = std::move(on_done);
  if (std::ranges::find(tables_, batch_.front().kind) != tables_.end()) return insert();
  make_table();
}

void ClickhouseSink::make_table() {
  const exchange::Exported kind = batch_.front().kind;
  poster_.post(site_.path, create_table(kind), [this, kind](SinkResult made, unsigned) {
    if (made.delivery == Delivery::kTaken) {
      tables_.push_back(kind);
      return insert();
    }
    // The batch is none the worse for it.
    made.delivery = Delivery::kLater;
    on_done_(made);
  });
}

void ClickhouseSink::insert() {
  const char before = site_.path.find('?') == std::string::npos ? '?' : '&';
  const std::string table = table_of(batch_.front().kind);
  const std::string target =
      fmt::format("{}{}query=INSERT%20INTO%20{}%20FORMAT%20JSONEachRow", site_.path, before, table);
  poster_.post(target, joined(batch_), [this](const SinkResult& result, unsigned status) {
    if (status == 404) tables_.clear();
    on_done_(result);
  });
}

}  // namespace fabrix::exports
