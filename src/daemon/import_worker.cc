#include "daemon/import_worker.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "io/file.h"
#include "io/log.h"
#include "rpki/slurm.h"
#include "rpki/vrp_changes.h"
#include "rpki/vrps_json.h"

namespace fabrix::daemon {
namespace {

constexpr std::string_view kComponent = "import";

// The file of this name: the one before, if it has the same.
void watch(std::optional<WatchedFile>& file, const std::filesystem::path& directory,
           const std::string& name) {
  if (name.empty()) {
    file.reset();
  } else if (!file || file->path() != directory / name) {
    file.emplace(directory / name, io::kMaxFileSize);
  }
}

// Reads a file if it has changed. None: it has not, or it is bad.
template <typename Parse>
auto read(WatchedFile& file, std::optional<FileProblem>& problem, Parse parse)
    -> std::optional<typename decltype(parse(std::string_view{}))::value_type> {
  const auto text = file.read_if_changed();
  if (!text) return std::nullopt;
  const std::string path = file.path().string();
  if (!*text) {
    problem = problem_with(path, text->error().message);
    return std::nullopt;
  }
  auto parsed = parse(**text);
  if (!parsed) {
    problem = problem_with(path, parsed.error().message);
    return std::nullopt;
  }
  problem.reset();
  return *std::move(parsed);
}

}  // namespace

ImportSources sources_of(const exchange::Exchange& exchange) {
  const exchange::RpkiSources& rpki = exchange.route_server.rpki;
  ImportSources sources{.caches = rpki.caches,
                        .vrps_file = rpki.vrps_file,
                        .slurm_file = rpki.slurm_file,
                        .irr = std::vector<exchange::IrrRule>(exchange.participants.size())};
  for (const exchange::Participant& each : exchange.participants) {
    if (each.present) sources.irr[each.id.index()] = each.import.irr;
  }
  return sources;
}

ImportWorker::ImportWorker(io::EventLoop& loop, std::filesystem::path directory,
                           ImportHandlers handlers)
    : loop_(loop),
      directory_(std::move(directory)),
      handlers_(std::move(handlers)),
      irr_(directory_),
      handover_timer_(loop, [this] { end_handover(); }) {}

void ImportWorker::refresh(const ImportSources& sources) {
  refresh_caches(sources.caches);
  refresh_local(sources);
  if (irr_.read(sources.irr)) tell(nullptr);
  log_news();
  tell_state();
}

// What is in use from now on, and which prefixes' routes it concerns; null: all.
void ImportWorker::tell(std::shared_ptr<const rpki::PrefixCover> changed) {
  handlers_.on_news({.data = {.vrps = tables_.vrps, .aspas = tables_.aspas, .irr = irr_.sets()},
                     .changed = std::move(changed)});
}

void ImportWorker::tell_state() {
  handlers_.on_state({.rpki = feed_->status(), .problems = problems()});
}

void ImportWorker::refresh_caches(const std::vector<exchange::ServerAddress>& caches) {
  if (feed_ && caches == caches_) return;
  std::vector<controller::RpkiCacheConfig> configs;
  for (const exchange::ServerAddress& cache : caches) {
    const io::IpEndpoint endpoint{.address = cache.address, .port = cache.port};
    configs.push_back({.name = io::to_string(endpoint),
                       .connection = {.cache = endpoint, .connect = {}, .client = {}}});
  }
  const bool has_data = !tables_.vrps->empty() || !tables_.aspas->empty();
  handover_ = feed_ != nullptr && has_data && !caches.empty();
  caches_ = caches;
  newest_ = {};
  feed_ = std::make_unique<controller::RpkiFeed>(
      loop_, std::move(configs), [this](const rpki::RpkiTables& tables) { take(tables); });
  feed_->set_on_status([this] { tell_state(); });
  feed_->set_static(static_data_);
  feed_->set_slurm(slurm_);
  if (handover_) {
    handover_timer_.start(kHandover);
  } else {
    end_handover();
  }
  feed_->start();
}

void ImportWorker::refresh_local(const ImportSources& sources) {
  watch(vrps_file_, directory_, sources.vrps_file);
  watch(slurm_file_, directory_, sources.slurm_file);
  if (vrps_file_) {
    auto data = read(*vrps_file_, vrps_problem_, rpki::parse_vrps_json);
    if (data) feed_->set_static(static_data_ = *std::move(data));
  } else {
    vrps_problem_.reset();
    if (!std::exchange(static_data_, {}).empty()) feed_->set_static({});
  }
  if (slurm_file_) {
    auto slurm = read(*slurm_file_, slurm_problem_, rpki::parse_slurm);
    if (slurm) feed_->set_slurm(slurm_ = *std::move(slurm));
  } else {
    slurm_problem_.reset();
    if (!std::exchange(slurm_, {}).empty()) feed_->set_slurm({});
  }
}

void ImportWorker::take(const rpki::RpkiTables& tables) {
  newest_ = tables;
  const bool waits = handover_ && feed_->status().coverage != rpki::Coverage::kCurrent;
  if (!waits) end_handover();
}

// What the feed has is in use from now on. Paths are all verified again when there are new ASPAs.
void ImportWorker::end_handover() {
  handover_ = false;
  handover_timer_.cancel();
  if (newest_ == tables_) return;
  const auto before = std::exchange(tables_, newest_);
  tell(std::make_shared<const rpki::PrefixCover>(
      before.vrps == tables_.vrps ? rpki::PrefixCover({})
                                  : rpki::changed_prefixes(*before.vrps, *tables_.vrps)));
}

std::vector<FileProblem> check_import_files(const exchange::Exchange& exchange,
                                            const std::filesystem::path& directory) {
  IrrFiles irr(directory);
  irr.read(sources_of(exchange).irr);
  auto all = irr.problems();
  const exchange::RpkiSources& sources = exchange.route_server.rpki;
  std::optional<WatchedFile> file;
  std::optional<FileProblem> problem;
  watch(file, directory, sources.vrps_file);
  if (file) std::ignore = read(*file, problem, rpki::parse_vrps_json);
  if (problem) all.push_back(*std::exchange(problem, std::nullopt));
  watch(file, directory, sources.slurm_file);
  if (file) std::ignore = read(*file, problem, rpki::parse_slurm);
  if (problem) all.push_back(*problem);
  return all;
}

std::vector<FileProblem> ImportWorker::problems() const {
  auto all = irr_.problems();
  if (vrps_problem_) all.push_back(*vrps_problem_);
  if (slurm_problem_) all.push_back(*slurm_problem_);
  return all;
}

void ImportWorker::log_news() {
  auto now = problems();
  for (const FileProblem& problem : now) {
    if (std::ranges::find(logged_, problem) != logged_.end()) continue;
    io::log_warning(kComponent,
                    fmt::format("last good content stays file={} line={} problem=\"{}\"",
                                problem.diagnostic.file, problem.diagnostic.at.line,
                                problem.diagnostic.message));
  }
  for (const FileProblem& problem : logged_) {
    const auto same = [&](const FileProblem& one) {
      return one.diagnostic.file == problem.diagnostic.file;
    };
    if (std::ranges::none_of(now, same)) {
      io::log_info(kComponent, fmt::format("file is good again file={}", problem.diagnostic.file));
    }
  }
  logged_ = std::move(now);
}

}  // namespace fabrix::daemon
