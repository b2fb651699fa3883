#include "http/response_head.h"

#include <array>
#include <iterator>

#include <fmt/format.h>

namespace fabrix::http {
namespace {

void append_field(std::string& head, std::string_view name, std::string_view value) {
  for (const std::string_view part : {name, std::string_view(": "), value}) {
    for (const char c : part) {
      const auto octet = static_cast<unsigned char>(c);
      head.push_back(octet < 0x20 || octet == 0x7f ? ' ' : c);
    }
  }
  head += "\r\n";
}

}  // namespace

bool is_bodiless(unsigned status) {
  return status == 204 || status == 304;
}

std::string response_head(const Response& response, const Delivery& delivery) {
  std::string head =
      fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  append_field(head, "Date", http_date(delivery.date));
  for (const Header& header : response.headers) append_field(head, header.name, header.value);
  if (!is_bodiless(response.status)) {
    if (delivery.length) {
      append_field(head, "Content-Length", std::to_string(*delivery.length));
    } else if (delivery.framing == Framing::kChunks) {
      append_field(head, "Transfer-Encoding", "chunked");
    }
  }
  // HTTP/1.0 clients that asked for it want to be told; the others know it.
  append_field(head, "Connection",
               delivery.persistence == Persistence::kKeep ? "keep-alive" : "close");
  return head + "\r\n";
}

std::string http_date(std::chrono::sys_seconds time) {
  constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays.at(std::chrono::weekday(day).c_encoding()),
      static_cast<unsigned>(date.day()), kMonths.at(static_cast<unsigned>(date.month()) - 1),
      static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
      clock.seconds().count());
}

std::string chunk_begin(std::size_t size) {
  return fmt::format("{:x}\r\n", size);
}

}  // namespace fabrix::http
