#include "daemon/import_data.h"

#include <algorithm>
#include <future>
#include <utility>

namespace fabrix::daemon {

ImportData::ImportData(io::EventLoop& loop, controller::Controller& controller,
                       std::filesystem::path directory)
    : loop_(loop),
      controller_(controller),
      files_timer_(loop, [this] { look_again(); }),
      thread_([this, where = std::move(directory)] { run(where); }) {
  refresh();
}

ImportData::~ImportData() {
  worker_loop_.stop();
  thread_.join();
}

void ImportData::run(const std::filesystem::path& directory) {
  worker_.emplace(
      worker_loop_, directory,
      ImportHandlers{.on_news = [this](ImportNews news) { deliver(std::move(news)); },
                     .on_state = [this](ImportState state) { deliver(std::move(state)); }});
  worker_loop_.run();
  worker_.reset();
}

void ImportData::refresh() {
  std::promise<void> done;
  worker_loop_.post([this, &done, sources = sources_of(controller_.exchange())] {
    worker_->refresh(sources);
    done.set_value();
  });
  done.get_future().wait();
  take_mail();
  files_timer_.start(kFilesEvery);
}

void ImportData::look_again() {
  worker_loop_.post(
      [this, sources = sources_of(controller_.exchange())] { worker_->refresh(sources); });
  files_timer_.start(kFilesEvery);
}

void ImportData::deliver(ImportNews news) {
  bool was_empty = false;
  {
    const std::scoped_lock lock(mutex_);
    was_empty = !mail_.news && !mail_.state;
    // What the news before concerned is not known any more.
    if (mail_.news) news.changed = nullptr;
    mail_.news = std::move(news);
  }
  announce_mail(was_empty);
}

void ImportData::deliver(ImportState state) {
  bool was_empty = false;
  {
    const std::scoped_lock lock(mutex_);
    was_empty = !mail_.news && !mail_.state;
    mail_.state = std::move(state);
  }
  announce_mail(was_empty);
}

// Thread's.
void ImportData::announce_mail(bool was_empty) {
  if (!was_empty) return;
  loop_.post([this, alive = alive_for_thread_] {
    if (!alive.expired()) take_mail();
  });
}

void ImportData::take_mail() {
  Mail mail;
  {
    const std::scoped_lock lock(mutex_);
    std::swap(mail, mail_);
  }
  if (mail.state) {
    state_ = *std::move(mail.state);
    state_time_ = io::EventLoop::now();
  }
  if (!mail.news) return;
  if (mail.news->changed == nullptr) return controller_.set_import_data(std::move(mail.news->data));
  controller_.set_import_data(std::move(mail.news->data),
                              [&changed = *mail.news->changed](const net::Prefix& prefix) {
                                return changed.covers(prefix);
                              });
}

// Ages go on between two pieces of mail.
rpki::RpkiStatus ImportData::rpki_status() const {
  using std::chrono::seconds;
  rpki::RpkiStatus status = state_.rpki;
  const auto since = std::chrono::floor<seconds>(io::EventLoop::now() - state_time_);
  for (rpki::CacheStatus& cache : status.caches) {
    if (cache.age) *cache.age += since;
    if (cache.expires_in) *cache.expires_in = std::max(seconds(0), *cache.expires_in - since);
  }
  return status;
}

}  // namespace fabrix::daemon
