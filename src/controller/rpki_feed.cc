#include "controller/rpki_feed.h"

#include <utility>

#include <fmt/format.h>

#include "io/log.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kComponent = "rpki";

std::vector<std::string> names_of(const std::vector<RpkiCacheConfig>& caches) {
  std::vector<std::string> names;
  names.reserve(caches.size());
  for (const RpkiCacheConfig& cache : caches) names.push_back(cache.name);
  return names;
}

}  // namespace

RpkiFeed::RpkiFeed(io::EventLoop& loop, std::vector<RpkiCacheConfig> caches, OnTables on_tables)
    : sources_(names_of(caches)),
      timer_(loop, [this] { publish(); }),
      on_tables_(std::move(on_tables)),
      published_(sources_.tables(io::EventLoop::now())) {
  for (RpkiCacheConfig& cache : caches) {
    const rpki::CacheId id{static_cast<std::uint16_t>(connections_.size())};
    RtrHandlers handlers{
        .on_current =
            [this, id](const rpki::VrpsCurrent& current) {
              sources_.cache_current(id, current, io::EventLoop::now());
              publish();
            },
        .on_dropped =
            [this, id, name = cache.name](const std::string& reason) {
              io::log_warning(kComponent,
                              fmt::format("data dropped cache={} reason=\"{}\"", name, reason));
              sources_.cache_dropped(id);
              publish();
            },
        .on_link = [this, id](rpki::CacheLink link,
                              const std::string& detail) { link_changed(id, link, detail); }};
    connections_.push_back(
        std::make_unique<RtrConnection>(loop, std::move(cache.connection), std::move(handlers)));
  }
}

void RpkiFeed::start() {
  for (const auto& connection : connections_) connection->start();
}

void RpkiFeed::set_static(const rpki::StaticData& data) {
  const auto wall_now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  sources_.set_static(data, io::EventLoop::now(), wall_now);
  publish();
}

void RpkiFeed::set_slurm(rpki::Slurm slurm) {
  sources_.set_slurm(std::move(slurm));
  publish();
}

void RpkiFeed::link_changed(rpki::CacheId cache, rpki::CacheLink link, const std::string& detail) {
  const rpki::CacheStatus before = status().caches.at(cache.index());
  sources_.cache_link(cache, link, detail);
  if (link == before.link && detail == before.detail) return;
  const std::string line =
      fmt::format("cache {} cache={} detail=\"{}\"", link == rpki::CacheLink::kUp ? "up" : "down",
                  before.name, detail);
  // A cache that stays away is worth a line once, not at every try.
  const bool news = link != before.link;
  io::log(news ? io::LogLevel::kInfo : io::LogLevel::kDebug, kComponent, line);
  publish();
}

// Tells what has changed: the owner of the tables, people of their coverage.
void RpkiFeed::publish() {
  const auto now = io::EventLoop::now();
  const rpki::RpkiTables tables = sources_.tables(now);
  if (const auto deadline = sources_.deadline()) {
    timer_.start_at(*deadline);
  } else {
    timer_.cancel();
  }
  const rpki::RpkiStatus status = sources_.status(now);
  const bool good =
      status.coverage == rpki::Coverage::kCurrent || status.coverage == rpki::Coverage::kLocalOnly;
  const std::string line = describe(status);
  if (std::exchange(logged_, line) != line) {
    io::log(good ? io::LogLevel::kInfo : io::LogLevel::kWarning, kComponent, line);
  }
  if (tables != published_) {
    published_ = tables;
    on_tables_(tables);
  }
  on_status_();
}

}  // namespace fabrix::controller
