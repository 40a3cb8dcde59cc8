"""All SQL of orders: `sales_orders` sells, `buyers` answers for what orders hold on persons."""
