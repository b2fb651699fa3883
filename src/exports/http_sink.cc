#include "exports/http_sink.h"

#include <algorithm>

#include <fmt/format.h>

#include "exports/entry_json.h"
#include "exports/line_protocol.h"

namespace fabrix::exports {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kLongestReason = 200;

Headers headers_of(const exchange::ExportSite& site) {
  if (!site.token.empty()) return {{"Authorization", "Token " + site.token}};
  if (!site.user.empty()) {
    return {{"Authorization", basic_authorization(site.user, site.password)}};
  }
  return {};
}

io::IpEndpoint endpoint_of(const exchange::ExportSite& site) {
  return {.address = site.server.address, .port = site.server.port};
}

std::string joined(std::span<const Item> batch) {
  std::string body;
  for (const Item& item : batch) body += item.octets;
  return body;
}

SinkResult result_of(const Result<HttpAnswer>& answer) {
  if (!answer) return {.delivery = Delivery::kLater, .why = answer.error().message};
  if (answer->status / 100 == 2) return {};
  const bool is_wrong = answer->status == 400 || answer->status == 413 || answer->status == 422;
  std::string why = fmt::format("{} {}", answer->status, answer->body.substr(0, kLongestReason));
  std::ranges::replace(why, '\n', ' ');
  return {.delivery = is_wrong ? Delivery::kRefused : Delivery::kLater, .why = std::move(why)};
}

}  // namespace

InfluxSink::InfluxSink(io::EventLoop& loop, const exchange::ExportSite& site)
    : site_(site), client_(loop, endpoint_of(site)) {}

std::string InfluxSink::encode(const Entry& entry) const {
  return influx_line(entry);
}

void InfluxSink::send(std::span<const Item> batch, OnDone on_done) {
  client_.post({.target = site_.path, .headers = headers_of(site_), .body = joined(batch)},
               [on_done = std::move(on_done)](const Result<HttpAnswer>& answer) {
                 on_done(result_of(answer));
               });
}

ClickhouseSink::ClickhouseSink(io::EventLoop& loop, const exchange::ExportSite& site)
    : site_(site), client_(loop, endpoint_of(site)) {}

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
  client_.post({.target = site_.path, .headers = headers_of(site_), .body = create_table(kind)},
               [this, kind](const Result<HttpAnswer>& answer) {
                 SinkResult made = result_of(answer);
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
  client_.post({.target = fmt::format("{}{}query=INSERT%20INTO%20{}%20FORMAT%20JSONEachRow",
                                      site_.path, before, table),
                .headers = headers_of(site_),
                .body = joined(batch_)},
               [this](const Result<HttpAnswer>& answer) {
                 if (answer && answer->status == 404) tables_.clear();
                 on_done_(result_of(answer));
               });
}

}  // namespace fabrix::exports
