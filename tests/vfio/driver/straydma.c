/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A driver for edu that tells the device an address it never mapped, as one
 * with a mistake does.
 */

#include <sys/bus.h>
#include <sys/device.h>
#include <sys/param.h>
#include <sys/systm.h>

#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>

#include "../../../drivers/edu/edureg.h"

#define STRAY_ADDRESS 0x0badf000

struct straydma_softc {
  bus_space_tag_t sc_iot;
  bus_space_handle_t sc_ioh;
  bus_size_t sc_ios;
};

static int straydma_match(device_t parent, cfdata_t match, void* aux) {
  const struct pci_attach_args* pa = aux;

  return PCI_VENDOR(pa->pa_id) == EDU_VENDOR && PCI_PRODUCT(pa->pa_id) == EDU_PRODUCT;
}

static void straydma_attach(device_t parent, device_t self, void* aux) {
  struct straydma_softc* sc = device_private(self);
  const struct pci_attach_args* pa = aux;
  pcireg_t csr;

  aprint_normal("\n");
  if (pci_mapreg_map(pa, EDU_BAR, PCI_MAPREG_TYPE_MEM, 0, &sc->sc_iot, &sc->sc_ioh, NULL,
                     &sc->sc_ios) != 0) {
    aprint_error_dev(self, "can't map registers\n");
    return;
  }
  csr = pci_conf_read(pa->pa_pc, pa->pa_tag, PCI_COMMAND_STATUS_REG);
  pci_conf_write(pa->pa_pc, pa->pa_tag, PCI_COMMAND_STATUS_REG, csr | PCI_COMMAND_MASTER_ENABLE);
  bus_space_write_8(sc->sc_iot, sc->sc_ioh, EDU_DMA_SRC, EDU_BUFFER);
  bus_space_write_8(sc->sc_iot, sc->sc_ioh, EDU_DMA_DST, STRAY_ADDRESS);
  bus_space_write_8(sc->sc_iot, sc->sc_ioh, EDU_DMA_COUNT, 64);
  bus_space_write_8(sc->sc_iot, sc->sc_ioh, EDU_DMA_CMD,
                    EDU_DMA_CMD_START | EDU_DMA_CMD_FROM_DEVICE);
}

static int straydma_detach(device_t self, int flags) {
  struct straydma_softc* sc = device_private(self);

  bus_space_unmap(sc->sc_iot, sc->sc_ioh, sc->sc_ios);
  return 0;
}

CFATTACH_DECL_NEW(straydma, sizeof(struct straydma_softc), straydma_match, straydma_attach,
                  straydma_detach, NULL);
