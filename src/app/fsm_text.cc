#include "app/fsm_text.h"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "app/table.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

std::string word(const json::value& object, std::string_view key) {
  return printable(object.at(key).as_string());
}

std::string joined(const json::array& texts) {
  std::string all;
  for (const json::value& each : texts) {
    all += (all.empty() ? "" : ", ") + printable(each.as_string());
  }
  return all;
}

std::string class_of(const json::value& object) {
  const std::string text = word(object, "class");
  return text.empty() ? "all packets" : text;
}

std::string render(const json::value& fsm) {
  const std::string per = joined(fsm.at("per").as_array());
  std::string text = fmt::format(
      "{} of {}{}: {} states, at first {}\n", word(fsm, "fsm"), word(fsm, "participant"),
      per.empty() ? "" : ", per " + per, fsm.at("states").to_number<std::uint64_t>(),
      fsm.at("initial").as_string().empty() ? "the only one" : word(fsm, "initial"));
  for (const json::value& event : fsm.at("events").as_array()) {
    const bool has_source = event.as_object().contains("source");
    text += fmt::format("  event {}: {}{}\n", word(event, "event"),
                        joined(event.at("values").as_array()),
                        has_source ? ", from " + word(event, "source") : "");
  }
  const std::string timeouts = joined(fsm.at("timeouts").as_array());
  if (!timeouts.empty()) text += "  timeout " + timeouts + "\n";
  for (const json::value& each : fsm.at("instances").as_array()) {
    text += fmt::format("  {}: {}, no event for {} s\n", class_of(each), word(each, "state"),
                        each.at("idle_seconds").to_number<std::int64_t>());
  }
  for (const json::value& each : fsm.at("transitions").as_array()) {
    text += fmt::format("  {} s ago {}: {} -> {} ({})\n",
                        each.at("seconds_ago").to_number<std::int64_t>(), class_of(each),
                        word(each, "from"), word(each, "to"), word(each, "cause"));
  }
  return text;
}

}  // namespace

std::string render_fsms(const json::array& fsms) {
  std::string text;
  for (const json::value& each : fsms) text += (text.empty() ? "" : "\n") + render(each);
  return text.empty() ? "none\n" : text;
}

}  // namespace fabrix::app
