#include "script/script.h"

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "io/file.h"

namespace fabrix::script {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using std::chrono::milliseconds;

constexpr milliseconds kTick{100};
// Whoever has run so long does well: its next end is the first again.
constexpr std::chrono::seconds kWell{60};
// Whatever a call costs, it costs so much.
constexpr std::chrono::microseconds kLeastCall{10};
// Of calls, at once.
constexpr double kCallBurst = 0.2;
constexpr std::size_t kMaxDepth = 64;

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

std::optional<json::object> parse(const std::string& text) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::system::error_code error;
  json::value value = json::parse(text, error, json::storage_ptr(), options);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

fs::file_time_type changed(const std::string& file) {
  std::error_code error;
  const auto time = fs::last_write_time(file, error);
  return error ? fs::file_time_type{} : time;
}

}  // namespace

std::string_view to_string(ScriptState state) {
  constexpr std::array<std::string_view, 4> kNames{"stopped", "starting", "running", "pausing"};
  return kNames.at(static_cast<std::size_t>(state));
}

Script::Script(io::EventLoop& loop, ScriptOptions options, Hooks hooks)
    : loop_(loop),
      options_(std::move(options)),
      hooks_(std::move(hooks)),
      cpu_(options_.limits.cpu_percent / 100.0, seconds(options_.limits.cpu_burst)),
      calls_(options_.limits.calls_percent / 100.0, kCallBurst),
      pause_(options_.limits.least_pause),
      tick_(loop, [this] { look(); }),
      launch_(loop, [this] { launch(); }),
      resume_(loop, [this] {
        if (process_) process_->go_on();
      }) {}

Script::~Script() {
  stop();
}

void Script::start() {
  if (state_ == ScriptState::kStarting || state_ == ScriptState::kRunning) return;
  pause_ = options_.limits.least_pause;
  launch();
}

void Script::stop() {
  state_ = ScriptState::kStopped;
  tick_.cancel();
  launch_.cancel();
  cpu_before_ = cpu_time();
  process_.reset();
  give_up_work();
}

std::chrono::nanoseconds Script::cpu_time() const {
  return cpu_before_ + (process_ ? process_->cpu_time() : std::chrono::nanoseconds(0));
}

void Script::launch() {
  process_.reset();
  give_up_work();
  tick_.start(kTick);
  changed_ = changed(options_.file);
  launched_ = io::EventLoop::now();
  cpu_counted_ = {};
  why_.clear();
  const auto source = io::read_file(options_.file, kMaxSource);
  if (!source) return end(source.error().message);
  auto process = Process::start(
      loop_, options_.program, options_.limits.memory_mib,
      {.on_message = [this](const std::string& message) { take(message); },
       .on_end = [this](const std::string& how) { end(why_.empty() ? how : why_); }});
  if (!process) return end(process.error().message);
  process_ = *std::move(process);
  life_ = std::make_shared<int>();
  state_ = ScriptState::kStarting;
  ++counters_.starts;
  hooks_.on_start();
  queue_.push_back({.what = {{"do", "load"},
                             {"file", options_.file},
                             {"source", *source},
                             {"properties", options_.properties}},
                    .done = {}});
  next();
}

void Script::deliver(json::object work, Done done) {
  if (state_ != ScriptState::kRunning && state_ != ScriptState::kStarting) {
    if (done) done(nullptr);
    return;
  }
  if (queue_.size() >= options_.limits.queue) {
    ++counters_.lost;
    const Work oldest = std::move(queue_.front());
    queue_.pop_front();
    if (oldest.done) oldest.done(nullptr);
  }
  queue_.push_back({.what = std::move(work), .done = std::move(done)});
  next();
}

// The next piece of work, if it is its turn.
void Script::next() {
  if (current_ || queue_.empty() || !process_ || !why_.empty()) return;
  const Time now = io::EventLoop::now();
  if (!cpu_.has_any(now)) {  // look() asks again
    if (!std::exchange(is_waiting_, true)) ++counters_.waits;
    return;
  }
  is_waiting_ = false;
  current_ = std::move(queue_.front());
  queue_.pop_front();
  begun_ = now;
  cpu_begun_ = process_->cpu_time();
  process_->send(json::serialize(current_->what));
}

void Script::take(const std::string& message) {
  const Time now = io::EventLoop::now();
  const auto object = parse(message);
  if (!object || !why_.empty()) return kill("spoke out of turn");
  const auto* const arguments = object->if_contains("args");
  static const json::array none;
  const json::array& list =
      arguments != nullptr && arguments->is_array() ? arguments->get_array() : none;
  if (const auto* const name = object->if_contains("call"); name != nullptr && name->is_string()) {
    answer_call(name->get_string(), list);
  } else if (const auto* const told = object->if_contains("tell");
             told != nullptr && told->is_string()) {
    hooks_.on_tell(told->get_string(), list);
  } else if (current_ && !awaits_answer_) {
    finish(*object);
  } else {
    return kill("spoke out of turn");
  }
  spend_calls(now);
}

void Script::answer_call(std::string_view name, const json::array& arguments) {
  if (!current_ || std::exchange(awaits_answer_, true)) return kill("spoke out of turn");
  ++counters_.calls;
  auto answer = [this, life = std::weak_ptr<int>(life_)](Result<json::value> result) {
    if (life.expired() || !std::exchange(awaits_answer_, false)) return;
    if (!result) ++counters_.refused;
    const json::object reply = result ? json::object{{"ok", *std::move(result)}}
                                      : json::object{{"error", result.error().message}};
    std::string text = json::serialize(reply);
    if (text.size() > kMaxMessage) text = R"({"error":"the answer is too large"})";
    process_->send(text);
  };
  hooks_.on_call(name, arguments, std::move(answer));
}

void Script::finish(const json::object& result) {
  spend_cpu(io::EventLoop::now());
  ++counters_.works;
  const auto* const error = result.if_contains("error");
  const bool is_load = state_ == ScriptState::kStarting;
  if (error != nullptr) {
    ++counters_.errors;
    trouble_ = error->is_string() ? std::string(error->get_string()) : "failed";
    // One that has not begun will not go on.
    if (is_load) return kill(trouble_);
    hooks_.on_trouble(trouble_);
  }
  if (is_load) state_ = ScriptState::kRunning;
  const Work work = *std::move(current_);
  current_.reset();
  if (work.done) work.done(result.if_contains("done"));
  next();
}

void Script::kill(std::string why) {
  if (why_.empty()) why_ = std::move(why);
  if (process_) process_->kill();
}

// The process has ended, or could not begin.
void Script::end(const std::string& how) {
  const Time now = io::EventLoop::now();
  if (process_) cpu_before_ += cpu_counted_;
  ++counters_.ends;
  trouble_ = how;
  state_ = ScriptState::kPausing;
  life_.reset();
  resume_.cancel();
  if (now - launched_ >= kWell) pause_ = options_.limits.least_pause;
  hooks_.on_trouble(fmt::format("{}; starts again in {} ms", how, pause_.count()));
  give_up_work();
  launch_.start(pause_);
  pause_ = std::min(2 * pause_, options_.limits.most_pause);
}

void Script::give_up_work() {
  life_.reset();
  awaits_answer_ = false;
  std::deque<Work> all = std::exchange(queue_, {});
  if (current_) all.push_front(*std::exchange(current_, std::nullopt));
  for (const Work& work : all) {
    if (work.done) work.done(nullptr);
  }
}

void Script::look() {
  tick_.start(kTick);
  const Time now = io::EventLoop::now();
  if (process_ && life_) {
    spend_cpu(now);
    look_at_work(now);
  }
  look_at_file();
}

void Script::look_at_work(Time now) {
  if (!current_) return next();
  const Limits& limits = options_.limits;
  if (process_->cpu_time() - cpu_begun_ > limits.cpu_at_once) {
    kill(fmt::format("worked for more than {} ms at once", limits.cpu_at_once.count()));
  } else if (now - begun_ > limits.time_at_once) {
    kill(fmt::format("did not end within {} ms", limits.time_at_once.count()));
  }
}

// One that runs begins anew, and so does one that waits.
void Script::look_at_file() {
  const auto time = changed(options_.file);
  if (time == changed_ || time == fs::file_time_type{}) return;
  cpu_before_ = cpu_time();
  pause_ = options_.limits.least_pause;
  launch_.cancel();
  launch();
}

// What has been used since it was counted last.
void Script::spend_cpu(Time now) {
  const auto used = process_->cpu_time();
  if (used > cpu_counted_) cpu_.spend(seconds(used - cpu_counted_), now);
  cpu_counted_ = std::max(cpu_counted_, used);
}

// Our time, for what it said: who has used it up is not heard for a while.
void Script::spend_calls(Time since) {
  const Time now = io::EventLoop::now();
  calls_.spend(seconds(std::max<std::chrono::nanoseconds>(now - since, kLeastCall)), now);
  if (calls_.has_any(now) || !process_) return;
  ++counters_.waits;
  process_->hold();
  resume_.start(calls_.wait(now));
}

}  // namespace fabrix::script
