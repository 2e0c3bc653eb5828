import { DataFactory, type NamedNode } from 'n3'

/** A term of our own vocabulary, in the languages of the web UI. */
export interface OwnTerm {
  label: { en: string; 'zh-CN': string }
  comment: { en: string; 'zh-CN': string }
}

const term = (en: string, zh: string, commentEn: string, commentZh: string): OwnTerm => ({
  label: { en, 'zh-CN': zh },
  comment: { en: commentEn, 'zh-CN': commentZh },
})

/**
 * What government data needs and DCAT has no word for. Names, and what they mean, are a promise to readers: a term is
 * added, never changed. Values are codes of the jurisdiction profile (`/api/v1/profile`) unless said otherwise.
 */
export const ownTerms = {
  body: term(
    'responsible body',
    '数源部门',
    'Code of the body that answers for an item, where it is not the publisher of the data set.',
    '对信息项负责的部门的代码，与数据集发布部门不同时才有。',
  ),
  classification: term(
    'classification',
    '信息资源分类',
    'Place of the entry in the classes of the jurisdiction.',
    '目录条目在信息资源分类中的位置。',
  ),
  dataElement: term(
    'data element',
    '数据元',
    'Identifier of the data element (ISO/IEC 11179) that the item is a use of.',
    '信息项所采用的数据元（GB/T 18391）标识符。',
  ),
  dataType: term(
    'data type',
    '数据类型',
    'Data type of an item in the words of the profile; csvw:datatype holds the nearest type of XML Schema.',
    '信息项的数据类型（取辖区配置中的代码）；csvw:datatype 为最接近的 XML Schema 类型。',
  ),
  database: term(
    'base or theme database',
    '所属基础库或主题库',
    'Base or theme database that the entry belongs to.',
    '目录条目所属的基础数据库或主题数据库。',
  ),
  duty: term(
    'duty',
    '履职依据',
    'Statutory task from which the data arises; text.',
    '产生该数据的法定职责（文本）。',
  ),
  grade: term(
    'grade',
    '数据分级',
    'Grade of an entry or item by the harm that its loss or misuse would do.',
    '按泄露或滥用可能造成的危害划分的级别。',
  ),
  item: term(
    'information item',
    '信息项',
    'Leads from a data set to a column of it, described as csvw:Column.',
    '由数据集指向其一个信息项（以 csvw:Column 描述）。',
  ),
  openCondition: term(
    'opening condition',
    '开放条件',
    'On what condition the public gets the data; text.',
    '向社会开放的条件（文本）。',
  ),
  openType: term(
    'opening class',
    '开放类型',
    'Whether the public gets the data: unconditional, conditional, not_open.',
    '是否向社会开放：unconditional（无条件）、conditional（有条件）、not_open（不予开放）。',
  ),
  refusalBasis: term(
    'basis of refusal',
    '不予共享依据',
    'Law, regulation or decision relied on where data is not shared; text.',
    '不予共享所依据的法律、法规或文件（文本）。',
  ),
  resourceCode: term(
    'resource code',
    '信息资源代码',
    'Classification code, separator and sequence number.',
    '分类代码、分隔符与顺序号。',
  ),
  serviceMatter: term(
    'service matter',
    '政务服务事项',
    'Code of the service matter in which the data arises.',
    '产生该数据的政务服务事项的代码。',
  ),
  shareMethod: term(
    'share method',
    '共享方式',
    'Way the data reaches another body.',
    '数据提供给其他部门的方式。',
  ),
  sharingCondition: term(
    'sharing condition',
    '共享条件',
    'What sharing on conditions depends on.',
    '有条件共享所附的条件。',
  ),
  sharingScope: term(
    'sharing scope',
    '共享范围',
    'Who may use the data, for what; text.',
    '哪些部门可以使用、用于何种目的（文本）。',
  ),
  sharingType: term(
    'sharing class',
    '共享类型',
    'Whether other bodies get the data: unconditional, conditional, not_shared.',
    '是否向其他部门共享：unconditional（无条件）、conditional（有条件）、not_shared（不予共享）。',
  ),
  sourceItem: term(
    'source item',
    '来源信息项',
    'Item of the source’s register that the item is taken from; text.',
    '取自数源登记簿的哪个信息项（文本）。',
  ),
  updateCycle: term(
    'update cycle',
    '更新周期',
    'How often the body promises to bring the data up to date; dct:accrualPeriodicity holds the nearest concept of the European table.',
    '部门承诺的更新频率；dct:accrualPeriodicity 为欧盟受控词表中最接近的概念。',
  ),
} as const satisfies Record<string, OwnTerm>

export type OwnTermName = keyof typeof ownTerms

/** The namespace of the terms of a node. */
export const ownNamespace = (base: string) => `${base}/ns#`

/** Our own terms as they stand in graphs of a node (served at `{base}/ns`). */
export const ownTerm =
  (base: string) =>
  (name: OwnTermName): NamedNode =>
    DataFactory.namedNode(ownNamespace(base) + name)
