#include "daemon/fail_mode_watch.h"

#include <algorithm>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace fabrix::daemon {

FailModeWatch::FailModeWatch(io::EventLoop& loop, Options options)
    : loop_(loop), options_(std::move(options)), timer_(loop, [this] { step(); }) {
  if (!options_.databases.empty()) timer_.start({});
}

std::vector<api::NamedState> FailModeWatch::states() const {
  std::vector<api::NamedState> all;
  for (const auto& [name, fault] : faults_) {
    all.push_back({.name = name, .is_up = fault.empty()});
  }
  return all;
}

std::vector<std::string> FailModeWatch::faults() const {
  std::vector<std::string> all;
  for (const auto& [name, fault] : faults_) {
    if (!fault.empty()) all.push_back(fault);
  }
  return all;
}

// What belongs to a connection ends here and not in its own callbacks.
void FailModeWatch::step() {
  if (is_asking_) return end_database("it does not answer in time");
  stream_.reset();
  connector_.reset();
  answer_.reset();
  if (at_ < options_.databases.size()) return ask();
  judge();
  at_ = 0;
  timer_.start(options_.every);
}

void FailModeWatch::ask() {
  is_asking_ = true;
  has_set_ = false;
  timer_.start(options_.patience);
  connector_.emplace(
      loop_, options_.databases[at_],
      io::ConnectOptions{.timeout = options_.patience, .tcp = {}, .source = {}, .limits = {}},
      [this](Result<io::ByteStream> stream) { start(std::move(stream)); });
}

void FailModeWatch::start(Result<io::ByteStream> stream) {
  if (!stream) return end_database(stream.error().message);
  stream_.emplace(*std::move(stream));
  stream_->start({.on_data = [this](std::span<const std::byte> octets) { take(octets); },
                  .on_end = [this](const io::StreamEnd& end) { end_database(end.text); },
                  .on_drained = {}});
  request({});
}

void FailModeWatch::request(const std::vector<std::string>& to_secure) {
  answer_.emplace();
  const std::string text = openflow::bridges_request(to_secure);
  if (!stream_->write(std::as_bytes(std::span(text)))) end_database("the connection is lost");
}

void FailModeWatch::take(std::span<const std::byte> octets) {
  if (!is_asking_) return;
  const auto answer = answer_->take(octets);
  if (!answer) return;
  if (!*answer) return end_database(answer->error().message);
  if (makes_secure(**answer)) return;
  found_.insert(found_.end(), (*answer)->begin(), (*answer)->end());
  end_database("");
}

// Whether the database has been asked to, and will answer again.
bool FailModeWatch::makes_secure(const std::vector<openflow::OvsdbBridge>& bridges) {
  if (!options_.sets || std::exchange(has_set_, true)) return false;
  const auto switches = options_.switches();
  std::vector<std::string> names;
  for (const openflow::OvsdbBridge& each : bridges) {
    if (!each.is_secure &&
        std::ranges::count(switches, each.datapath_id, &Switch::datapath_id) != 0) {
      names.push_back(each.name);
    }
  }
  if (names.empty()) return false;
  if (on_notice) {
    on_notice(Severity::kWarning,
              fmt::format("fail mode of {} was not secure, and is set", fmt::join(names, ", ")));
  }
  request(names);
  return true;
}

void FailModeWatch::end_database(const std::string& failure) {
  if (!std::exchange(is_asking_, false)) return;
  if (!failure.empty()) {
    failures_.push_back(io::to_string(options_.databases[at_]) + ": " + failure);
  }
  ++at_;
  timer_.start({});
}

void FailModeWatch::judge() {
  const auto found = std::exchange(found_, {});
  const auto failures = std::exchange(failures_, {});
  const auto before = std::exchange(faults_, {});
  for (const auto& [name, id] : options_.switches()) {
    std::string& fault = faults_[name];
    const auto bridge = std::ranges::find(found, id, &openflow::OvsdbBridge::datapath_id);
    if (bridge == found.end()) {
      fault = fmt::format("whether switch {} is fail-secure is not known: {}", name,
                          failures.empty() ? "no database has it" : failures.front());
    } else if (!bridge->is_secure) {
      fault = fmt::format(
          "switch {} is not fail-secure, it will forward past all policies without fabrixd: "
          "ovs-vsctl set-fail-mode {} secure",
          name, bridge->name);
    }
    const auto known = before.find(name);
    const bool is_news = known == before.end() ? !fault.empty() : known->second != fault;
    if (!is_news || !on_notice) continue;
    on_notice(fault.empty() ? Severity::kNote : Severity::kError,
              fault.empty() ? fmt::format("switch {} is fail-secure", name) : fault);
  }
}

}  // namespace fabrix::daemon
