#include "lab/interrupt.h"

#include <array>
#include <csignal>

namespace fabrix::lab {
namespace {

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP};

// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a handler has nothing else.
volatile std::sig_atomic_t g_interrupted = 0;

void set_disposition(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  for (const int signal : kSignals) sigaction(signal, &action, nullptr);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  g_interrupted = 0;
  set_disposition([](int /*signal*/) { g_interrupted = 1; });
}

InterruptGuard::~InterruptGuard() {
  set_disposition(SIG_DFL);
  g_interrupted = 0;
}

bool interrupted() {
  return g_interrupted != 0;
}

}  // namespace fabrix::lab
