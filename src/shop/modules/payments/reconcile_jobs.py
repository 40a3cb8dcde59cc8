"""Workers begin reconciliations beside their other work, and the schedule asks for one each day."""

from typing import Final

from shop.kernel.manifest import Job
from shop.modules.payments.service.reconcile import begin_daily_run, begin_waiting_run


async def run_reconciliations() -> None:
    """Begins one and returns: how long it takes is no concern of whoever runs jobs."""
    await begin_waiting_run()


async def plan_reconciliation() -> None:
    await begin_daily_run()


JOBS: Final = (
    Job("payments.run_reconciliations", 1, run_reconciliations),
    Job("payments.plan_reconciliation", 3600, plan_reconciliation),
)
