import * as z from 'zod';
import { createOrder, editOrder } from '../../shared/commerce/create-order.ts';
import { Cancellation, cancelOrder, closeOrder } from '../../shared/commerce/end-order.ts';
import { FulfilmentRequest, fulfilOrder, OrderWithCreated } from '../../shared/commerce/fulfil-order.ts';
import { EditableOrder, Order, OrderDetails, OrderStatus, orderNumberKey } from '../../shared/commerce/order.ts';
import { id } from '../../shared/core/ids.ts';
import { endpoint } from '../../shared/http/endpoint.ts';
import { by, listOf } from '../../shared/http/list.ts';
import { explains } from '../../shared/insights/explain.ts';
import { serve } from '../serve.ts';

const one = { may: 'orders:write', params: z.strictObject({ id: id('ord') }), answer: Order.schema } as const;
const statuses = OrderStatus.options;

export const endpoints = [
  endpoint('POST /v1/orders', {
    summary: 'Create an order that no quote led to',
    may: 'orders:write',
    body: OrderDetails,
    status: 201,
    answer: Order.schema,
    refuses: ['reference.unknown', 'currency.mismatch'],
    does: createOrder,
  }),
  listOf('GET /v1/orders', {
    summary: 'List orders',
    kind: Order,
    may: 'orders:read',
    statuses,
    alsoWith: ['accountId'],
    all: by.state('order', statuses),
    filters: { accountId: by.account('ord'), number: by.key('number#order#', orderNumberKey) },
  }),
  endpoint('GET /v1/orders/{id}', {
    ...one,
    may: 'orders:read',
    summary: 'Read an order',
    does: (crm, { id }) => crm.load(Order, id),
  }),
  explains('orders', Order),
  endpoint('PATCH /v1/orders/{id}', { ...one, summary: 'Edit an order', patch: EditableOrder, does: editOrder }),
  endpoint('POST /v1/orders/{id}/fulfilments', {
    ...one,
    summary: 'Deliver some of an order',
    body: FulfilmentRequest,
    status: 201,
    answer: OrderWithCreated,
    refuses: ['record.wrongState', 'order.exceedsOpen', 'reference.unknown'],
    does: fulfilOrder,
  }),
  endpoint('POST /v1/orders/{id}/cancel', {
    ...one,
    summary: 'Cancel what is not fulfilled',
    body: Cancellation,
    refuses: ['record.wrongState'],
    does: cancelOrder,
  }),
  endpoint('POST /v1/orders/{id}/close', {
    ...one,
    summary: 'Close a fulfilled order',
    refuses: ['record.wrongState'],
    does: closeOrder,
  }),
];

export const handler = serve(endpoints);
