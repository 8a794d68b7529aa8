// SPDX-License-Identifier: BSD-2-Clause
// A driver that lets go of nothing: each kind of what it had is named, with the function that made
// it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "run_support.h"

namespace pupci::test {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* helpers = R"(
#include <sys/bus.h>
#include <sys/callout.h>
#include <sys/intr.h>
#include <sys/kthread.h>
#include <sys/mutex.h>
#include <sys/condvar.h>
#include <sys/workqueue.h>
static struct pci_attach_args *pa;
static callout_t late;
static kmutex_t lock;
static kcondvar_t never;
static void *volatile kept[8];
static int handler(void *arg) { return 0; }
static void nothing(void *arg) { }
static void work(struct work *w, void *arg) { }
static void
sleeper(void *arg)
{
	mutex_enter(&lock);
	for (;;)
		cv_wait(&never, &lock);
}
#define APART __attribute__((__noinline__))
static APART void leak_memory(void) { kept[0] = kmem_alloc(100, KM_SLEEP); }
static APART void
leak_map(void)
{
	bus_dmamap_t map;
	if (bus_dmamap_create(pa->pa_dmat, 4096, 1, 4096, 0, BUS_DMA_WAITOK, &map) == 0)
		kept[1] = map;
}
static APART void
leak_dma_memory(void)
{
	bus_dma_segment_t segment;
	int count;
	if (bus_dmamem_alloc(pa->pa_dmat, 4096, 4096, 0, &segment, 1, &count, BUS_DMA_WAITOK) != 0)
		panic("no memory");
}
static APART void
leak_mapping(void)
{
	bus_space_tag_t tag;
	bus_space_handle_t handle;
	if (pci_mapreg_map(pa, PCI_BAR(0), PCI_MAPREG_TYPE_MEM, 0, &tag, &handle, NULL, NULL) != 0)
		panic("no mapping");
}
static APART void
leak_interrupt(void)
{
	pci_intr_handle_t *handles;
	if (pci_intr_alloc(pa, &handles, NULL, PCI_INTR_TYPE_MSI) != 0)
		panic("no interrupt");
	kept[5] = handles;
	kept[2] = pci_intr_establish(pa->pa_pc, handles[0], IPL_NET, handler, NULL);
}
static APART void leak_callout(void) { callout_init(&late, CALLOUT_MPSAFE); }
static APART void
leak_thread(void)
{
	lwp_t *l;
	mutex_init(&lock, MUTEX_DEFAULT, IPL_NONE);
	cv_init(&never, "never");
	if (kthread_create(PRI_NONE, KTHREAD_MPSAFE, NULL, sleeper, NULL, &l, "sleeper") != 0)
		panic("no thread");
}
static APART void leak_softint(void) { kept[3] = softint_establish(SOFTINT_NET, nothing, NULL); }
static APART void
leak_workqueue(void)
{
	struct workqueue *queue;
	if (workqueue_create(&queue, "leakwq", work, NULL, PRI_NONE, IPL_NONE, WQ_MPSAFE) == 0)
		kept[4] = queue;
}
)";

constexpr const char* attach = R"(pa = aux;
	leak_memory();
	leak_map();
	leak_dma_memory();
	leak_mapping();
	leak_interrupt();
	leak_callout();
	leak_softint();
	leak_workqueue();)";

std::string run_to_its_end(const Place& place, const char* what, int status) {
  const std::string driver = place.build(bad_driver(what, "return 0;", helpers));
  const Outcome outcome =
      Command({"run", driver, "--for", "0", "--leaks", "error", "--", "-device", "edu"},
              place.environment())
          .wait();
  EXPECT_EQ(outcome.status, status) << outcome.errors;
  place.expect_qemu_gone();
  return outcome.output + outcome.errors;
}

TEST(LeaksOfADriver, AreNamedEachWithItsFunction) {
  const Place place;
  const std::string text = run_to_its_end(place, attach, 1);
  const std::pair<const char*, const char*> leaks[] = {
      {"100 bytes of memory", "leak_memory"},
      {"a DMA map", "leak_map"},
      {"DMA memory", "leak_dma_memory"},
      {"mapping", "leak_mapping"},
      {"an interrupt established", "leak_interrupt"},
      {"vectors", "leak_interrupt"},
      {"a callout", "leak_callout"},
      {"a softint", "leak_softint"},
      {"a workqueue", "leak_workqueue"},
  };
  for (const auto& [what, where] : leaks) {
    EXPECT_THAT(text, ContainsRegex(std::string("bad0: leaked .*") + what + " .*" + where)) << what;
  }
  EXPECT_THAT(text, Not(HasSubstr("pupci::kern::"))) << "what is not the driver's is not told";
}

// It cannot go on once what the thread runs on goes.
TEST(LeaksOfADriver, AThreadThatStillRunsIsNamedAndEndsTheProcess) {
  const Place place;
  const std::string text = run_to_its_end(place, "leak_thread();", 3);
  for (const char* what : {"a thread", "a mutex", "a condvar"}) {
    EXPECT_THAT(text,
                ContainsRegex(std::string("bad0: leaked ") + what + " created in leak_thread"));
  }
  EXPECT_THAT(text, ContainsRegex("panic: kthread .sleeper. still runs, .* in leak_thread"));
}

}  // namespace
}  // namespace pupci::test
