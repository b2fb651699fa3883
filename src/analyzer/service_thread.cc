#include "analyzer/service_thread.h"

#include <future>
#include <utility>

namespace fabrix::analyzer {

Result<std::unique_ptr<ServiceThread>> ServiceThread::start(const ServiceOptions& options) {
  // tidy: the constructor is private, which make_unique cannot reach
  std::unique_ptr<ServiceThread> made(new ServiceThread());
  made->thread_ = std::thread([thread = made.get()] {
    thread->loop_.run();
    thread->service_.reset();
  });
  if (auto done = made->configure(options); !done) return fail(std::move(done).error());
  return made;
}

ServiceThread::~ServiceThread() {
  // By a task, since a loop that does not run yet would miss it.
  loop_.post([this] { loop_.stop(); });
  thread_.join();
}

Result<void> ServiceThread::configure(const ServiceOptions& options) {
  std::promise<Result<void>> done;
  loop_.post([this, &done, &options] { done.set_value(on_thread(options)); });
  return done.get_future().get();
}

Result<void> ServiceThread::on_thread(const ServiceOptions& options) {
  Result<void> done;
  if (service_) {
    done = service_->configure(options);
  } else if (auto started = Service::start(loop_, options)) {
    service_ = *std::move(started);
  } else {
    return fail(std::move(started).error());
  }
  sflow_ = service_->sflow();
  rest_ = service_->rest();
  return done;
}

void ServiceThread::post(std::function<void(telemetry::Engine&)> task) {
  loop_.post([this, task = std::move(task)] { task(service_->engine()); });
}

void ServiceThread::receive(std::vector<std::byte> datagram, const net::IpAddress& from) {
  if (waiting_ >= kMaxWaiting) {
    ++dropped_;
    return;
  }
  ++waiting_;
  loop_.post([this, datagram = std::move(datagram), from] {
    --waiting_;
    service_->receive(datagram, from);
  });
}

}  // namespace fabrix::analyzer
