"""The tools for the catalogue: products, stock, suppliers and help articles."""

from typing import Annotated, Any, Literal

from pydantic import Field

from agents.demo.crm.desk import Desk, Refusal, Row, cents, euros, money
from agents.demo.crm.fields import Amount, Limit, Reason, Sku
from agents.demo.crm.shapes import ProductList, ProductSummary
from agents.demo.crm.toolbox import ADDS, DESTROYS, REPLACES, changes, reads

Category = Literal["tents", "sleeping", "packs", "cooking", "clothing", "footwear", "light", "navigation", "repair"]


@reads()
def search_products(
    desk: Desk,
    text: Annotated[str, Field(description="Part of the name, description or SKU. Empty for all.")] = "",
    category: Category | None = None,
    only_in_stock: bool = False,
    limit: Limit = 20,
) -> ProductList:
    """Search the catalogue by text and category."""
    rows = desk.rows(
        "select * from products where instr(lower(sku || ' ' || name || ' ' || description), lower(?1))"
        " and (?2 is null or category = ?2) and (stock > 0 or not ?3) order by sku",
        text,
        category,
        only_in_stock,
    )
    return {"products": [summary(row) for row in rows[:limit]], "total": len(rows)}


@reads()
def get_product(desk: Desk, sku: Sku) -> dict[str, Any]:
    """Get one product with description, price, stock and supplier."""
    row = desk.product(sku)
    return {**summary(row), **{key: row[key] for key in ("description", "reorder_at", "supplier_id")}}


@changes(REPLACES)
def set_price(desk: Desk, sku: Sku, price: Amount) -> ProductSummary:
    """Set a product's price. Orders already placed keep theirs."""
    old = desk.product(sku)["price_cents"]
    desk.change("update products set price_cents = ? where sku = ?", cents(price), sku)
    desk.effect = f"Price of {sku}: {money(old)} to {money(cents(price))}"
    return summary(desk.product(sku))


@changes(None)
def adjust_stock(
    desk: Desk, sku: Sku, by: Annotated[int, Field(description="Pieces found (+) or lost (-).")], reason: Reason
) -> ProductSummary:
    """Correct the stock of a product after a count, a loss or a find."""
    stock = desk.product(sku)["stock"] + by
    if stock < 0:
        raise Refusal(f"{sku} cannot have {stock} pieces in stock.")
    desk.change("update products set stock = ? where sku = ?", stock, sku)
    desk.effect = f"Stock of {sku} changed by {by} to {stock}"
    return summary(desk.product(sku))


@changes(DESTROYS)
def discontinue_product(desk: Desk, sku: Sku) -> ProductSummary:
    """Take a product out of the shop. Old orders still show it."""
    desk.product(sku)
    desk.change("update products set active = 0 where sku = ?", sku)
    desk.effect = f"Discontinued {sku}"
    return summary(desk.product(sku))


@reads()
def low_stock_report(desk: Desk) -> ProductList:
    """List the products that should be reordered, the scarcest first."""
    rows = desk.rows("select * from products where active and stock <= reorder_at order by stock, sku")
    return {"products": [summary(row) for row in rows], "total": len(rows)}


@reads(None)
def list_suppliers(desk: Desk) -> dict[str, Any]:
    """List the suppliers with address and lead time."""
    return {"suppliers": desk.rows("select * from suppliers order by supplier_id")}


@changes(ADDS)
def create_purchase_order(desk: Desk, sku: Sku, quantity: Annotated[int, Field(ge=1, le=1000)]) -> dict[str, Any]:
    """Order a product from its supplier. This binds the shop to buy."""
    product = desk.product(sku)
    number = desk.insert(
        "purchase_orders",
        supplier_id=product["supplier_id"],
        sku=sku,
        quantity=quantity,
        status="ordered",
        ordered_on=desk.today.isoformat(),
    )
    desk.effect = f"Ordered {quantity} x {sku} from {product['supplier_id']}"
    return {"purchase_order_id": number, "supplier_id": product["supplier_id"], "status": "ordered"}


@reads()
def search_articles(desk: Desk, text: Annotated[str, Field(min_length=2)]) -> dict[str, Any]:
    """Search the help articles: policies on refunds and returns, care instructions, shipping times."""
    rows = desk.rows(
        "select article_id, title, updated_on from articles where published"
        " and instr(lower(title || ' ' || body), lower(?)) order by article_id",
        text,
    )
    return {"articles": rows}


@reads()
def get_article(desk: Desk, article_id: str) -> dict[str, Any]:
    """Get a help article with its text."""
    row = desk.row(f"There is no article {article_id}.", "select * from articles where article_id = ?", article_id)
    return {**row, "published": bool(row["published"])}


def summary(row: Row) -> ProductSummary:
    return {
        "sku": row["sku"],
        "name": row["name"],
        "category": row["category"],
        "price": euros(row["price_cents"]),
        "stock": row["stock"],
        "active": bool(row["active"]),
    }
