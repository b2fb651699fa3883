#include "analyzer/script_host.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "analyzer/json_fields.h"
#include "analyzer/route.h"
#include "telemetry/journal.h"

namespace fabrix::analyzer {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::string program_beside_this_one() {
  std::error_code error;
  return (fs::read_symlink("/proc/self/exe", error).parent_path() / "fabrix-script").string();
}

std::string absolute(const std::string& path) {
  std::error_code error;
  return fs::absolute(path, error).lexically_normal().string();
}

std::string file_name(const std::string& path) {
  return fs::path(path).filename().string();
}

// Of the script at this absolute path.
std::string name_of(const std::string& path) {
  const auto application = application_of(path);
  return (application ? *application + "." : std::string()) + file_name(path);
}

// By name.
Result<std::map<std::string, HostedScriptOptions>> scripts_of(const ScriptOptions& options) {
  std::vector<AllowedTarget> allowed;
  for (const std::string& text : options.allow) {
    FABRIX_TRY(auto target, parse_target(text));
    allowed.push_back(std::move(target));
  }
  for (const std::string& command : options.commands) {
    if (!command.starts_with('/')) {
      return fail(Error{fmt::format("the program '{}' is no path from /", command)});
    }
  }
  json::object properties;
  for (const auto& [name, value] : options.properties) properties[name] = value;
  if (options.files.size() > ScriptHost::kMaxScripts) {
    return fail(Error{fmt::format("at most {} scripts", ScriptHost::kMaxScripts)});
  }
  std::map<std::string, HostedScriptOptions> scripts;
  for (const std::string& file : options.files) {
    const std::string path = absolute(file);
    const std::string name = name_of(path);
    HostedScriptOptions script{
        .name = name,
        .script = {.file = path,
                   .program = options.program.empty() ? program_beside_this_one() : options.program,
                   .limits = options.limits,
                   .properties = properties},
        .store_file = options.store.empty() ? "" : absolute(options.store) + "/" + name + ".json",
        .allowed = allowed,
        .commands = options.commands,
        .ca_file = options.ca.empty() ? "" : absolute(options.ca)};
    if (!scripts.emplace(name, std::move(script)).second) {
      return fail(Error{fmt::format("two scripts are called '{}'", name)});
    }
  }
  return scripts;
}

std::vector<std::string> files_of(const std::map<std::string, HostedScriptOptions>& scripts) {
  std::vector<std::string> files;
  files.reserve(scripts.size());
  for (const auto& [name, script] : scripts) files.push_back(script.script.file);
  return files;
}

// Those since `told`, the oldest first.
template <typename T>
std::vector<T> news(const telemetry::Journal<T>& journal, std::uint64_t& told) {
  if (told == journal.total()) return {};
  const auto after = told == 0 ? std::nullopt : std::optional(told - 1);
  auto found =
      journal.newest(after, telemetry::Journal<T>::kCapacity, [](const T&) { return true; });
  std::ranges::reverse(found);
  told = journal.total();
  return found;
}

}  // namespace

ScriptHost::ScriptHost(io::EventLoop& loop, telemetry::Engine& engine, const Router& routes,
                       RouterSessions& sessions)
    : loop_(loop), engine_(engine), routes_(routes), sessions_(sessions) {
  sessions_.set_watch([this](const net::IpAddress& router, speaker::NeighborState state) {
    for (const auto& [name, script] : scripts_) script->hear(router, state);
  });
}

ScriptHost::~ScriptHost() {
  sessions_.set_watch(nullptr);
}

Result<void> ScriptHost::configure(const ScriptOptions& options) {
  if (options == options_) return {};
  FABRIX_TRY(auto wanted, scripts_of(options));
  FABRIX_TRY(auto pages, AppFiles::of(files_of(wanted)));
  if (!options.store.empty()) {
    std::error_code error;
    fs::create_directories(options.store, error);
    if (error) return fail(Error{options.store + ": " + error.message()});
  }
  // What is the same for all of them, and has not changed, leaves them alone.
  auto others = options;
  others.files = options_.files;
  const bool is_same = others == options_;
  std::erase_if(scripts_, [&](const auto& entry) {
    const auto found = wanted.find(entry.first);
    return !is_same || found == wanted.end() || found->second.script.file != entry.second->file();
  });
  if (scripts_.empty()) {
    events_ = engine_.thresholds().events().total();
    records_ = engine_.flows().records().total();
  }
  for (auto& [name, script] : wanted) {
    auto& place = scripts_[name];
    if (place) continue;
    place = std::make_unique<HostedScript>(loop_, engine_, routes_, sessions_, shared_,
                                           std::move(script));
    place->start();
  }
  options_ = options;
  pages_ = std::move(pages);
  return {};
}

void ScriptHost::look() {
  if (scripts_.empty()) return;
  const auto events = news(engine_.thresholds().events(), events_);
  const auto records = news(engine_.flows().records(), records_);
  for (auto& [name, script] : scripts_) {
    if (!events.empty()) script->hear(events);
    if (!records.empty()) script->hear(records);
  }
}

HostedScript* ScriptHost::find(const std::string& name) const {
  if (const auto found = scripts_.find(name); found != scripts_.end()) return found->second.get();
  HostedScript* only = nullptr;
  for (const auto& [_, script] : scripts_) {
    if (file_name(script->file()) != name) continue;
    if (only != nullptr) return nullptr;
    only = script.get();
  }
  return only;
}

HostedScript* ScriptHost::find(const std::string& application, const std::string& file) const {
  auto found = scripts_.find(application + "." + file);
  if (found == scripts_.end()) found = scripts_.find(file);
  return found == scripts_.end() ? nullptr : found->second.get();
}

ScriptHost::Addressed ScriptHost::addressed(const std::vector<std::string>& path) const {
  if (path.size() >= 2 && path[0] == "script") return {.script = find(path[1]), .rest = 2};
  if (path.size() >= 4 && path[0] == "app" && path[2] == "scripts") {
    return {.script = find(path[1], path[3]), .rest = 4};
  }
  return {};
}

bool ScriptHost::is_for_scripts(const http::Request& request) const {
  const auto& path = request.target.segments;
  if (const Addressed whose = addressed(path); whose.rest != 0) {
    return whose.script != nullptr || !routes_.has(request.target);
  }
  return (!path.empty() && path[0] == "scripts") || AppFiles::is_for_files(request);
}

http::Response ScriptHost::answer(const http::Request& request) {
  const auto& path = request.target.segments;
  if (AppFiles::is_for_files(request)) return pages_.answer(request);
  const Addressed whose = addressed(path);
  if (whose.rest == 0) return answer_about(request);
  if (whose.script == nullptr) return missing("script", path[whose.rest - 1]);
  return whose.script->answer(request, std::span(path).subspan(whose.rest));
}

// /scripts/json, /scripts/NAME/json, /scripts/NAME/log/txt
http::Response ScriptHost::answer_about(const http::Request& request) {
  const auto& path = request.target.segments;
  const bool is_get = request.method == http::Method::kGet || request.method == http::Method::kHead;
  if (path.size() == 2 && path[1] == "json") {
    if (!is_get) return http::method_not_allowed("GET, HEAD");
    json::object all;
    for (const auto& [name, script] : scripts_) all[name] = script->status();
    return json_answer(all);
  }
  if (path.size() < 3) return http::problem(404, "there is nothing at this path");
  HostedScript* const script = find(path[1]);
  if (script == nullptr) return missing("script", path[1]);
  if (path.size() == 3 && path[2] == "json") {
    if (is_get) return json_answer(script->status());
    return request.method == http::Method::kPut ? set_state(request, *script)
                                                : http::method_not_allowed("GET, HEAD, PUT");
  }
  if (path.size() == 4 && path[2] == "log" && path[3] == "txt") {
    return is_get ? text_answer(script->log()) : http::method_not_allowed("GET, HEAD");
  }
  return http::problem(404, "there is nothing at this path");
}

http::Response ScriptHost::set_state(const http::Request& request, HostedScript& script) {
  const auto object = parse_object(request.body);
  if (!object) return bad_request(object.error());
  const auto state = text_in(*object, "state");
  if (!state) return bad_request(state.error());
  if (*state == "running") {
    script.start();
  } else if (*state == "stopped") {
    script.stop();
  } else {
    return bad_request(Error{"'state' is running or stopped"});
  }
  return no_content();
}

}  // namespace fabrix::analyzer
